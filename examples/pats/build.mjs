// Makes a working copy of the example: sources, a seeded database, uploads and a git repository.
// usage: node examples/pats/build.mjs TARGET [--revision REVISION]
import Database from 'better-sqlite3';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { HEAD, migrate } from './schema.mjs';
import { seedRows, writeUploads } from './seed.mjs';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { revision: { type: 'string', default: HEAD } } });
if (positionals.length !== 1) {
  console.error('usage: node examples/pats/build.mjs TARGET [--revision REVISION]');
  process.exit(2);
}
const target = resolve(positionals[0]);
if (existsSync(target) && readdirSync(target).length > 0) {
  console.error(`${target} is not empty. Choose a new folder.`);
  process.exit(1);
}

cpSync(join(dirname(fileURLToPath(import.meta.url)), 'project'), target, { recursive: true });
// Under its own name it would hide the example's files in this repository.
renameSync(join(target, 'gitignore'), join(target, '.gitignore'));

mkdirSync(join(target, 'backend/data'), { recursive: true });
const db = new Database(join(target, 'backend/data/pats.db'));
db.pragma('journal_mode = WAL');
migrate(db, values.revision);
seedRows(db);
db.close();
writeUploads(join(target, 'backend/uploads'));

const git = (...args) =>
  execFileSync('git', ['-c', 'user.name=Pat', '-c', 'user.email=pat@example.org', '-c', 'commit.gpgsign=false', ...args], {
    cwd: target,
    stdio: 'ignore',
    env: { ...process.env, GIT_AUTHOR_DATE: '2025-01-08T21:15:00+00:00', GIT_COMMITTER_DATE: '2025-01-08T21:15:00+00:00' },
  });
git('init', '--quiet', '--initial-branch=main');
git('add', '--', 'README.md', '.gitignore', 'docker-compose.yml');
git('commit', '--quiet', '--message', 'Compose file with data, uploads and backups');
git('add', '--all');
git('commit', '--quiet', '--message', 'Application and migrations');
console.log(target);
