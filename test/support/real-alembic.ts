// Real Alembic, asked about many histories in one Python process.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export interface Question {
  /** Where the command would run. */
  readonly folder: string;
  readonly ini: string;
  readonly database: string | null;
  /** Rows of version tables, for each of which the pending revisions are wanted. */
  readonly rows: readonly (readonly string[])[];
}

interface Refusal {
  readonly error: string;
}

export interface Answer {
  readonly heads: readonly string[];
  readonly realHeads: readonly string[];
  readonly titles: Readonly<Record<string, string>>;
  /** The rows of the version table, and what `alembic current` shows: heads of branches that they depend on, too. */
  readonly current: { readonly rows: readonly string[]; readonly shown: readonly string[] } | Refusal | null;
  readonly pending: readonly (readonly string[] | Refusal)[];
}

const SCRIPT = join(process.env['PATS_REPO'] ?? process.cwd(), 'test/support/real_alembic.py');
// Another Python may come first on the PATH and does not see Debian's modules.
const PYTHONS = ['/usr/bin/python3', 'python3'];

/** Fails with a clear message where Alembic is not installed. */
export function requireAlembic(): string {
  const python = PYTHONS.find((candidate) => spawnSync(candidate, ['-c', 'import alembic']).status === 0);
  if (python === undefined || spawnSync('alembic', ['--version']).status !== 0) {
    throw new Error('Alembic is not installed. On Debian: apt-get install alembic');
  }
  return python;
}

export function askAlembic(questions: readonly Question[]): (Answer | Refusal)[] {
  const python = requireAlembic();
  const result = spawnSync(python, [SCRIPT], { input: JSON.stringify(questions), encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 });
  if (result.status !== 0) {
    throw new Error(`Asking Alembic failed: ${result.stderr}`);
  }
  return JSON.parse(result.stdout) as (Answer | Refusal)[];
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'error' in value;
}
