// What the sentences for people were made of: beside each English text its pattern and what was put in, for who says it in another language.

/** A point in time in a sentence. */
export interface Moment {
  /** ISO 8601. */
  readonly at: string;
}

export type Parameter = string | number | Moment;

/** Where a text comes from. */
export interface Said {
  /** The English pattern, with {0}, {1} ... for the parameters. */
  readonly id: string;
  /** A text among them may be known in turn. */
  readonly parameters: readonly Parameter[];
}

/** So many are kept, the latest ones; whoever asks does so soon. */
const MOST = 10_000;
/** Nobody reads a longer one. */
const LONGEST = 4000;

/** Where one sentence ends and the next begins. */
const BOUNDARY = /(?<=[.!?]) (?=[\p{Lu}"“„{])/u;
/** So many pieces are looked at together. */
const LONGEST_SENTENCE = 6;
/** Of a text that is longer, only the whole is looked at. */
const MOST_PIECES = 200;

const known = new Map<string, Said>();

/** Tag of a sentence, or half of one, for people: the English text, of which it is known what was put in. */
export function said(pieces: TemplateStringsArray, ...values: readonly (string | number | bigint)[]): string {
  const text = String.raw({ raw: pieces }, ...values);
  remember(text, { id: patternOf(pieces), parameters: values.map((value) => (typeof value === 'bigint' ? Number(value) : value)) });
  return text;
}

/** Texts in a row, as one. */
export function inRow(texts: readonly string[], separator: string): string {
  const text = texts.join(separator);
  remember(text, { id: texts.map((_text, index) => `{${index}}`).join(separator), parameters: texts });
  return text;
}

/** "12,345". */
export function counted(count: number): string {
  const text = count.toLocaleString('en');
  remember(text, { id: '{0}', parameters: [count] });
  return text;
}

/** The text that stands for a point in time in English. */
export function dated(time: Date, text: string): string {
  remember(text, { id: '{0}', parameters: [{ at: time.toISOString() }] });
  return text;
}

/** Of a text that was said in this process, or heard from another one; undefined: it is its own pattern, or was not said. */
export function saidOf(text: string): Said | undefined {
  const found = known.get(text);
  if (found !== undefined) {
    known.delete(text);
    known.set(text, found);
  }
  return found;
}

/** The text itself, where neither a number nor a date in it is written in a way of its own. */
export function englishOf({ id, parameters }: Said): string {
  return id.replace(/\{(\d+)\}/g, (_all, index: string) => textOf(parameters[Number(index)]));
}

function textOf(parameter: Parameter | undefined): string {
  return typeof parameter === 'object' ? parameter.at : String(parameter);
}

/** Keeps what a text was made of. */
export function remember(text: string, what: Said): void {
  // A text that is its own parameter would never end.
  if (text.length > LONGEST || what.parameters.length === 0 || what.parameters.includes(text)) {
    return;
  }
  known.delete(text);
  known.set(text, what);
  const [oldest] = known.keys();
  if (known.size > MOST && oldest !== undefined) {
    known.delete(oldest);
  }
}

/**
 * Cuts a text, or a pattern, into its sentences. Names in one may look like its end: a known text is one piece, and of all ways
 * to cut it is one with the fewest unknown pieces.
 */
export function sentencesIn(text: string): string[] {
  const parts = known.has(text) ? [text] : text.split(BOUNDARY);
  if (parts.length === 1 || parts.length > MOST_PIECES) {
    return [text];
  }
  const ways: { readonly unknown: number; readonly pieces: readonly string[] }[] = [];
  for (let from = parts.length - 1; from >= 0; from -= 1) {
    const after = ways[from + 1] ?? { unknown: 0, pieces: [] };
    const [first = ''] = parts.slice(from);
    let best = { unknown: after.unknown + (known.has(first) ? 0 : 1), pieces: [first, ...after.pieces] };
    for (let to = from + 2; to <= Math.min(parts.length, from + LONGEST_SENTENCE); to += 1) {
      const piece = parts.slice(from, to).join(' ');
      const rest = ways[to] ?? { unknown: 0, pieces: [] };
      if (known.has(piece) && rest.unknown < best.unknown) {
        best = { unknown: rest.unknown, pieces: [piece, ...rest.pieces] };
      }
    }
    ways[from] = best;
  }
  return [...(ways[0]?.pieces ?? [])];
}

function patternOf(pieces: readonly string[]): string {
  return pieces.reduce((before, piece, index) => `${before}{${index - 1}}${piece}`);
}
