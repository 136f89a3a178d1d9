// Runs the benchmarks in test/bench: ratios to other tools in the same run.
// usage: npm run bench -- [--quick] [--only PART]... [--write]
import { build } from 'esbuild';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { must, run } from './processes.mjs';

await must(process.execPath, [join(root, 'scripts/build.mjs'), '--production']);
const outdir = join(root, 'out/bench');
/** With the programs that stand beside the engine. */
const entryPoints = {
  bench: join(root, 'test/bench/bench.ts'),
  memory: join(root, 'test/bench/memory.ts'),
  'dump-loader': join(root, 'src/engine/sqlite/dump/loader-main.ts'),
  'table-digests': join(root, 'src/engine/sqlite/digest-main.ts'),
};
await build({
  entryPoints,
  outdir,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  mainFields: ['module', 'main'],
  external: ['better-sqlite3'],
  logLevel: 'warning',
});
process.exitCode = await run(process.execPath, [join(outdir, 'bench.js'), ...process.argv.slice(2)], {
  // Of a user with few projects: a developer's own folder holds what thousands of tests have left.
  env: { ...process.env, PATS_REPO: root, UV_THREADPOOL_SIZE: '16', XDG_STATE_HOME: join(outdir, 'state') },
});
