// A place in the tokens of an expression, for those who read it step by step.
import type { Token } from './tokens';

export class Cursor {
  constructor(
    protected readonly tokens: readonly Token[],
    public at = 0,
  ) {}

  /** The name or sign that comes next; undefined: a text, or nothing. */
  protected peek(): string | undefined {
    const token = this.tokens[this.at];
    return token === undefined || token.kind === 'string' || token.kind === 'newline' ? undefined : token.text;
  }

  protected take(text: string): boolean {
    const isThere = this.peek() === text;
    this.at += isThere ? 1 : 0;
    return isThere;
  }

  /** What stands between the commas of a bracket that begins here; what cannot be read is passed over. */
  protected each(end: string, read: () => void): boolean {
    const depth = (this.tokens[this.at]?.depth ?? 0) + 1;
    this.at++;
    let hasComma = false;
    while (this.at < this.tokens.length && !this.closes(end, depth)) {
      const before = this.at;
      read();
      while (this.at < this.tokens.length && !this.closes(end, depth) && !(this.peek() === ',' && this.tokens[this.at]?.depth === depth)) {
        this.at++;
      }
      hasComma = this.take(',') || hasComma;
      this.at += this.at === before ? 1 : 0;
    }
    this.at++;
    return hasComma;
  }

  private closes(end: string, depth: number): boolean {
    return this.peek() === end && this.tokens[this.at]?.depth === depth;
  }
}
