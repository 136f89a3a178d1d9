// Pending migrations that will fail because a table they create is already there: the trace of one that stopped half way.
import type { Connection } from '../../../sqlite/connection';
import { MOST_MIGRATION_BYTES } from '../../../limits/sizes';
import { textOf } from '../../reading/look';
import { literalOf, readModule } from '../../reading/python/module';
import { PythonSyntaxError, type Token } from '../../reading/python/tokens';
import type { SchemaProblem } from '../../schema';
import type { Migration } from '../../tool';
import { said } from '../../../said';

/** Only for a database that has been migrated before: otherwise its tables tell nothing about a failure. */
export function foresee(db: Connection, pending: readonly Migration[]): SchemaProblem[] {
  const tables = new Set(db.prepare<[], string>("SELECT lower(name) FROM sqlite_schema WHERE type = 'table' LIMIT 20000").pluck().all());
  const problems: SchemaProblem[] = [];
  const gone = new Set<string>();
  for (const { revision, file } of pending) {
    const text = textOf(file, MOST_MIGRATION_BYTES) ?? '';
    const body = /\b(?:create_table|drop_table|rename_table)\b/.test(text) ? upgradeIn(text) : [];
    for (const { name } of callsOf(body, ['drop_table', 'rename_table'])) {
      gone.add(name.toLowerCase());
    }
    for (const { name, line } of callsOf(body, ['create_table'])) {
      if (tables.has(name.toLowerCase()) && !gone.has(name.toLowerCase())) {
        problems.push({
          message: said`Migration ${revision} creates the table "${name}", which is already there: it stopped half way, or the application made the table itself. Applying it fails. Go back to the backup from before it; only if the table is complete, mark the migration as applied.`,
          file,
          line,
        });
      }
    }
  }
  return problems;
}

/** The tokens of `upgrade`; none where it looks at the database before it acts. */
function upgradeIn(source: string): readonly Token[] {
  try {
    const { tokens } = readModule(source);
    const start = tokens.findIndex((token, index) => token.column === 0 && token.text === 'def' && tokens[index + 1]?.text === 'upgrade');
    const end = tokens.findIndex((token, index) => index > start && token.column === 0 && token.kind !== 'newline' && token.depth === 0);
    const body = start < 0 ? [] : tokens.slice(start, end < 0 ? undefined : end);
    return body.some(({ text }) => ['if', 'try', 'inspect', 'if_not_exists', 'execute'].includes(text)) ? [] : body;
  } catch (error) {
    if (error instanceof PythonSyntaxError) {
      return [];
    }
    throw error;
  }
}

/** `op.<function>("name", ...)` with a literal name. */
function callsOf(tokens: readonly Token[], functions: readonly string[]): { name: string; line: number }[] {
  return tokens.flatMap((token, index) => {
    const isCall = functions.includes(token.text) && tokens[index + 1]?.text === '(' && /^[,)]$/.test(tokens[index + 3]?.text ?? '');
    const name = isCall ? literalOf(tokens.slice(index + 2, index + 3)) : undefined;
    return typeof name === 'string' ? [{ name, line: token.line }] : [];
  });
}
