// Makes a working copy of the example: sources, a seeded database, uploads and a git repository.
// usage: node examples/pats/build.mjs TARGET [--revision REVISION]
import Database from 'better-sqlite3';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { HEAD, migrate, MIGRATIONS } from './schema.mjs';
import { seedRows, writeUploads } from './seed.mjs';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { revision: { type: 'string', default: HEAD } } });
if (positionals.length !== 1) {
  console.error('usage: node examples/pats/build.mjs TARGET [--revision REVISION]');
  process.exit(2);
}
const target = resolve(positionals[0]);
if (!MIGRATIONS.some(({ revision }) => revision === values.revision)) {
  console.error(`There is no revision ${values.revision}. Choose one of: ${MIGRATIONS.map(({ revision }) => revision).join(', ')}.`);
  process.exit(2);
}
if (existsSync(target) && readdirSync(target).length > 0) {
  console.error(`${target} is not empty. Choose a new folder.`);
  process.exit(1);
}

cpSync(join(dirname(fileURLToPath(import.meta.url)), 'project'), target, { recursive: true });
// Under its own name it would hide the example's files in this repository.
renameSync(join(target, 'gitignore'), join(target, '.gitignore'));
cpSync(join(dirname(fileURLToPath(import.meta.url)), 'backup.sh'), join(target, 'backup.sh'));

mkdirSync(join(target, 'backend/data'), { recursive: true });
const db = new Database(join(target, 'backend/data/pats.db'));
db.pragma('journal_mode = WAL');
migrate(db, values.revision);
seedRows(db);
db.close();
writeUploads(join(target, 'backend/uploads'));

function git(date, ...args) {
  execFileSync('git', ['-c', 'user.name=Pat', '-c', 'user.email=pat@example.org', '-c', 'commit.gpgsign=false', ...args], {
    cwd: target,
    stdio: 'ignore',
    env: { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
  });
}
function commit(date, message, ...paths) {
  git(date, 'add', '--', ...paths);
  git(date, 'commit', '--quiet', '--message', message);
}
const start = '2024-01-14T09:00:00+00:00';
const versions = 'backend/alembic/versions';
git(start, 'init', '--quiet', '--initial-branch=main');
commit(start, 'Compose file with data, uploads and backups', 'README.md', '.gitignore', 'docker-compose.yml', 'backup.sh');
commit(start, 'Application', 'backend', `:!${versions}`);
// A commit for each migration, so that older checkouts have older files.
const written = readdirSync(join(target, versions)).map((file) => {
  const [, title, day, time] = /^"""(.+)\n[^]*?Create Date: (\S+) ([\d:]+)/.exec(readFileSync(join(target, versions, file), 'utf8'));
  return { date: `${day}T${time}+00:00`, title, path: `${versions}/${file}` };
});
for (const { date, title, path } of written.sort((a, b) => (a.date < b.date ? -1 : 1))) {
  commit(date, `Migration: ${title}`, path);
}
console.log(target);
