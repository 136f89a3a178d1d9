// A cheap look at a folder: whether anything in it speaks for a database, migrations or backups. It reads names only.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** How deep, and at how many names, it looks at most: a window must not wait for a large folder. */
const DEPTH = 5;
const NAMES = 20_000;

/** Files that only projects with a database, with migrations, or with backups of ours have. */
const SIGNS = [
  '*.db',
  '*.db3',
  '*.sqlite',
  '*.sqlite3',
  'alembic.ini',
  'script.py.mako',
  'manage.py',
  'schema.prisma',
  'drizzle.config.*',
  'knexfile.*',
  'ormconfig.*',
  'data-source.*',
  'database.yml',
  'artisan',
  'backup_metadata.json',
] as const;

/** The same as one pattern of VS Code, for a watch. */
export const SIGN_PATTERN = `**/{${SIGNS.join(',')}}`;

const IS_SIGN = new RegExp(`^(?:${SIGNS.map((sign) => sign.replaceAll('.', '\\.').replaceAll('*', '.+')).join('|')})$`, 'i');

/** Written by tools, never by the project; a database in them is not the project's. */
const FOREIGN = new Set(['.git', 'node_modules', '.venv', 'venv', '__pycache__', 'site-packages', 'vendor', 'dist', '.next', 'target']);

/** Whether there is something for this extension to look at; never fails. */
export async function hasSigns(root: string): Promise<boolean> {
  let level = [root];
  let left = NAMES;
  for (let depth = 0; depth < DEPTH && level.length > 0; depth++) {
    const below: string[] = [];
    for (const folder of level) {
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
      if (entries.some((entry) => !entry.isDirectory() && IS_SIGN.test(entry.name))) {
        return true;
      }
      left -= entries.length;
      if (left < 0) {
        return false;
      }
      below.push(...entries.filter((entry) => entry.isDirectory() && !FOREIGN.has(entry.name)).map((entry) => join(folder, entry.name)));
    }
    level = below;
  }
  return false;
}
