// Real tools from npm, in pinned versions, installed once into a folder that git ignores.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { npmEnvironment } from '../../scripts/npm-program.mjs';

const repository = process.env['PATS_REPO'] ?? process.cwd();

const VERSIONS = {
  knex: { knex: '3.3.0', 'dotenv-cli': '8.0.0' },
  drizzle: { 'drizzle-kit': '0.31.11', 'drizzle-orm': '0.45.4' },
  'drizzle-1': { 'drizzle-kit': '1.0.0-rc.5', 'drizzle-orm': '1.0.0-rc.5' },
  sequelize: { sequelize: '6.37.8', 'sequelize-cli': '6.6.5' },
  prisma: {
    prisma: '6.19.3',
    '@prisma/adapter-better-sqlite3': '6.19.3',
    '@prisma/driver-adapter-utils': '6.19.3',
    // The engine that this Prisma has in itself, by the name of its own release.
    '@prisma/schema-engine-wasm': '7.1.1-3.c2990dca591cba766e3b7ef5d9e8a84796e47ab7',
  },
} as const;

/** The folder with the tool's `node_modules`; better-sqlite3 is found in the repository's own. */
export function npmTool(name: keyof typeof VERSIONS): string {
  const folder = join(repository, '.vscode-test/tools', name);
  // npm would install its own better-sqlite3, without a binary, where a tool asks for an older one.
  const manifest = JSON.stringify({ private: true, dependencies: VERSIONS[name], overrides: { 'better-sqlite3': ownVersion() } });
  const done = join(folder, 'installed.json');
  if (textOf(done) !== manifest) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), manifest);
    install(name, folder);
    writeFileSync(done, manifest);
  }
  return folder;
}

function install(name: string, folder: string): void {
  const options = ['--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'];
  const result = spawnSync('npm', ['install', ...options], {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    timeout: 300_000,
    env: npmEnvironment(),
  });
  if (result.status !== 0) {
    throw new Error(`The real ${name} could not be installed from npm: ${result.error?.message ?? result.stderr.trim()}`);
  }
}

function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(join(repository, 'node_modules/better-sqlite3/package.json'), 'utf8')) as { version: string };
  return version;
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** One of the tool's own modules, loaded into this process. */
export function npmModule(tool: keyof typeof VERSIONS, name: string): unknown {
  return createRequire(join(npmTool(tool), 'package.json'))(name);
}
