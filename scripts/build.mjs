// Builds dist/: the extension, the engine's child process and the command line, and the native SQLite beside them.
// usage: node scripts/build.mjs [--production]
import { chmod, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildInParts } from './lazy-parts.mjs';
import { thirdPartyNotices } from './third-party.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const { values } = parseArgs({ options: { production: { type: 'boolean', default: false } } });

const dist = join(root, 'dist');
await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });

const shared = {
  absWorkingDir: root,
  platform: 'node',
  minify: values.production,
  logLevel: 'warning',
  // Prefer a package's ES module: its CommonJS build may hide requires from the bundler.
  mainFields: ['module', 'main'],
  external: ['vscode', 'better-sqlite3'],
};
/** What not every run needs, and what takes its time to load. */
const PACKAGES = [
  'yaml',
  'smol-toml',
  'jsonc-parser',
  'simple-git',
  'fs-extra',
  'p-map',
  'vscode-jsonrpc/node',
  'age-encryption',
  'yazl',
  'yauzl',
  'commander',
  'zod',
  'cli-progress',
];
const bundled = await buildInParts({
  ...shared,
  entryPoints: {
    extension: join(root, 'src/extension.ts'),
    engine: join(root, 'src/rpc/child.ts'),
    'cli-main': join(root, 'src/cli/main.ts'),
    'cli-engine': join(root, 'src/cli/thread-main.ts'),
    'dump-loader': join(root, 'src/engine/sqlite/dump/loader-main.ts'),
    'table-digests': join(root, 'src/engine/sqlite/digest-main.ts'),
  },
  outdir: dist,
  target: 'node22',
  sourcemap: !values.production,
  // The format of backups is put together when a backup is read.
  // What is shown when somebody asks for it is read then; other languages, where they are spoken.
  cuts: [
    ...PACKAGES,
    ...[
      'engine/store/manifest',
      'engine/store/terms',
      'ui/flows/comparing',
      'ui/commands/table',
      'ui/commands/look-inside',
      'ui/commands/restore-part',
      'ui/commands/migration-map',
      'ui/window/translated-engine',
    ].map((file) => join(root, `src/${file}.ts`)),
  ],
});
// The launcher must parse on any Node: its job is to find one that is new enough.
await buildInParts({
  ...shared,
  entryPoints: { cli: join(root, 'src/cli/launcher.ts') },
  outdir: dist,
  target: 'node14',
  sourcemap: !values.production,
  cuts: [],
  banner: { js: '#!/usr/bin/env node' },
});
await chmod(join(dist, 'cli.js'), 0o755);
await writeFile(join(dist, 'ThirdPartyNotices.txt'), await thirdPartyNotices(root, bundled, ['better-sqlite3']));

const sqlite = dirname(require.resolve('better-sqlite3/package.json'));
const copy = join(dist, 'node_modules/better-sqlite3');
for (const part of ['package.json', 'LICENSE', 'lib', 'prebuilds']) {
  await cp(join(sqlite, part), join(copy, part), { recursive: true });
}
