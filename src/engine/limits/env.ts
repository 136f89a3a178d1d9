// `.env` files as the dotenv family writes them, read in one pass over the text.

const NAME = /[\w.-]/;

export interface EnvEntry {
  readonly value: string;
  /** In single quotes: nothing in it is filled in. */
  readonly isLiteral: boolean;
}

/** The variables by name; of equal names the last counts. What is no assignment is passed over. */
export function parseEnv(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...readEnv(text)].map(([name, { value }]) => [name, value]));
}

/** The same, with how each value is written. */
export function readEnv(text: string): ReadonlyMap<string, EnvEntry> {
  return new EnvReader(text.replaceAll('\r\n', '\n').replaceAll('\r', '\n')).all();
}

class EnvReader {
  private at = 0;
  /** Kinds of quotes that are not closed any more from here on. */
  private readonly open = new Set<string>();

  constructor(private readonly text: string) {}

  all(): Map<string, EnvEntry> {
    const variables = new Map<string, EnvEntry>();
    while (this.at < this.text.length) {
      this.skip(/\s/);
      const name = this.name();
      if (name !== null) {
        variables.set(name, this.value());
      }
      this.toLineEnd();
    }
    return variables;
  }

  /** `NAME=` or `export NAME=`, and `NAME: ` as well; null: something else. */
  private name(): string | null {
    let name = this.word();
    if (name === 'export' && /[ \t]/.test(this.text[this.at] ?? '')) {
      this.skip(/[ \t]/);
      name = this.word();
    }
    const isColon = this.text[this.at] === ':';
    this.skip(/[ \t]/);
    const sign = this.text[this.at];
    if (name === '' || !(sign === '=' || (isColon && /\s/.test(this.text[this.at + 1] ?? '')))) {
      return null;
    }
    this.at++;
    return name;
  }

  private value(): EnvEntry {
    this.skip(/[ \t]/);
    const quote = this.text[this.at] ?? '';
    const end = /["'`]/.test(quote) ? this.closing(quote) : null;
    if (end !== null && this.isLast(end + 1)) {
      const inner = this.text.slice(this.at + 1, end);
      this.at = end + 1;
      const value = quote === '"' ? inner.replaceAll('\\n', '\n').replaceAll('\\r', '\r') : inner;
      return { value, isLiteral: quote === "'" };
    }
    const from = this.at;
    while (this.at < this.text.length && this.text[this.at] !== '\n' && this.text[this.at] !== '#') {
      this.at++;
    }
    return { value: withoutQuotes(this.text.slice(from, this.at).trim()), isLiteral: false };
  }

  /** The quote that ends a value, which may have several lines; null: there is none. */
  private closing(quote: string): number | null {
    if (this.open.has(quote)) {
      return null;
    }
    for (let at = this.at + 1; at < this.text.length; at++) {
      if (this.text[at] === '\\' && this.text[at + 1] === quote) {
        at++;
      } else if (this.text[at] === quote) {
        return at;
      }
    }
    this.open.add(quote);
    return null;
  }

  /** Only a comment follows on the line. */
  private isLast(from: number): boolean {
    let at = from;
    while (/[ \t]/.test(this.text[at] ?? '')) {
      at++;
    }
    return at >= this.text.length || this.text[at] === '\n' || this.text[at] === '#';
  }

  private word(): string {
    const from = this.at;
    this.skip(NAME);
    return this.text.slice(from, this.at);
  }

  private skip(characters: RegExp): void {
    while (this.at < this.text.length && characters.test(this.text[this.at] ?? '')) {
      this.at++;
    }
  }

  private toLineEnd(): void {
    const end = this.text.indexOf('\n', this.at);
    this.at = end < 0 ? this.text.length : end + 1;
  }
}

function withoutQuotes(value: string): string {
  const [first = ''] = value;
  return value.length > 1 && /["'`]/.test(first) && value.endsWith(first) ? value.slice(1, -1) : value;
}
