// Runs the benchmarks in test/bench: ratios to other tools in the same run.
import { build } from 'esbuild';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { must } from './processes.mjs';

await must(process.execPath, [join(root, 'scripts/build.mjs'), '--production']);
const outdir = join(root, 'out/bench');
const entryPoints = globSync('test/bench/*.ts', { cwd: root }).map((file) => join(root, file));
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
for (const file of globSync('*.js', { cwd: outdir })) {
  await must(process.execPath, [join(outdir, file)], { env: { ...process.env, PATS_REPO: root, UV_THREADPOOL_SIZE: '16' } });
}
