// The names of variables within `with env.prefixed("APP_"):` of environs (https://github.com/sloria/environs#handling-prefixes).
import type { Token } from './tokens';

interface Block {
  readonly column: number;
  /** The name of the object that reads the environment. */
  readonly env: string;
  readonly prefix: string;
}

/** Reads the statements of a module in their order, and gives each with its variables in full. */
export class Prefixes {
  readonly #open: Block[] = [];

  read(statement: readonly Token[], column: number): readonly Token[] {
    while ((this.#open.at(-1)?.column ?? -1) >= column) {
      this.#open.pop();
    }
    const [first, env, , method, , prefix] = statement;
    if (first?.text === 'with' && method?.text === 'prefixed' && env?.kind === 'name' && typeof prefix?.value === 'string') {
      this.#open.push({ column, env: env.text, prefix: prefix.value });
      return statement;
    }
    return this.#open.length === 0 ? statement : statement.map((token, index) => this.#whole(token, index, statement));
  }

  /** `NAME` of `env("NAME")` and `env.str("NAME")` with the prefixes around it. */
  #whole(token: Token, index: number, statement: readonly Token[]): Token {
    const before = (by: number): string | undefined => statement[index - by]?.text;
    const env = before(1) !== '(' ? undefined : before(3) === '.' ? before(4) : before(2);
    const prefix = this.#open
      .filter((block) => block.env === env)
      .map((block) => block.prefix)
      .join('');
    return token.value === null || prefix === '' ? token : { ...token, value: prefix + token.value };
  }
}
