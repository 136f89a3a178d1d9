// One statement of a dump, with what the allow-list must know of it.

export interface Token {
  /** word: a keyword, name or number; name: a quoted name; text: a string; mark: any other character. */
  readonly kind: 'word' | 'name' | 'text' | 'mark';
  /** Words in capitals; quoted names and texts without their quotes; long ones cut off. */
  readonly value: string;
}

export interface Statement {
  readonly sql: string;
  /** The line of its first token. */
  readonly line: number;
  /** Its first tokens, HEAD_TOKENS at most. */
  readonly head: readonly Token[];
  /** Every different word and quoted name in it, in capitals; words after VALUES apart. */
  readonly words: ReadonlySet<string>;
  readonly valueWords: ReadonlySet<string>;
  /** Names that stand before a parenthesis. */
  readonly calls: ReadonlySet<string>;
  /** Of an INSERT of plain values its table, in small letters: nothing else is known of such a statement, nor needed. */
  readonly plainInsertOf?: string;
}

/** Ends the reading: what is wrong, and on which line. */
export class StatementFault extends Error {
  constructor(
    readonly line: number,
    message: string,
    readonly truncated: boolean,
  ) {
    super(message);
  }
}
