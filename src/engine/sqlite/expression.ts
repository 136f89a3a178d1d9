// A condition that a person wrote: taken only if it is one expression of SQL, which can read and nothing else.
import { BackupError } from '../errors';
import type { Connection } from './connection';
import { quoteName } from './dump/literal';
import { codeOf } from './explain';
import { said } from '../said';

/** Room for a list of some hundred rows. */
const LONGEST = 100_000;
const CLOSING: Readonly<Record<string, string>> = { "'": "'", '"': '"', '`': '`', '[': ']' };

/** A condition in parentheses and lines of its own, so that nothing after it belongs to it. */
export function condition(where: string): string {
  return `(\n${where}\n)`;
}

/**
 * Fails with USAGE when the text is no expression on the table: it is neither balanced, nor does SQLite take it where only
 * an expression may stand. `db` is a database that is only read.
 */
export function requireExpression(db: Connection, table: string, where: string): void {
  const problem = where.length > LONGEST ? 'it is too long' : unbalanced(where);
  if (problem !== null) {
    throw refused(where, problem);
  }
  try {
    // Inside of CASE nothing but an expression fits, whatever parentheses it closes and opens.
    const statement = db.prepare(
      `SELECT CASE WHEN ${condition(where)} THEN 1 END FROM main.${quoteName(table)} WHERE ${condition(where)} LIMIT 0`,
    );
    if (!statement.readonly) {
      throw refused(where, 'it does not only read');
    }
    // Parameters are bound by nobody.
    statement.all();
  } catch (error) {
    throw error instanceof BackupError ? error : refused(where, error instanceof Error ? error.message : String(error), error);
  }
}

/** Runs `use`, which asks with the condition; what SQLite then says of it, e.g. that a number is too large, is USAGE too. */
export function withExpression<T>(where: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw codeOf(error) === 'SQLITE_ERROR' ? refused(where, error instanceof Error ? error.message : String(error), error) : error;
  }
}

/** What keeps a text from standing alone in parentheses; null: nothing. */
function unbalanced(text: string): string | null {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    const close = CLOSING[char];
    if (close !== undefined) {
      const end = text.indexOf(close, at + 1);
      if (end < 0) {
        return said`the quote ${char} is not closed`;
      }
      at = end;
    } else if (text.startsWith('--', at) || text.startsWith('/*', at)) {
      return 'it holds a comment';
    } else if (char === ';' || char === '\0') {
      return 'it is more than an expression';
    } else {
      depth += char === '(' ? 1 : char === ')' ? -1 : 0;
      if (depth < 0) {
        return 'it closes a parenthesis that it did not open';
      }
    }
  }
  return depth > 0 ? 'a parenthesis is not closed' : text.trim() === '' ? 'it is empty' : null;
}

function refused(where: string, why: string, cause?: unknown): BackupError {
  return new BackupError(
    'USAGE',
    said`The condition "${where.slice(0, 200)}" cannot be used: ${why}.`,
    'Give an SQL expression on the columns of the table, for example: id > 100.',
    { cause },
  );
}
