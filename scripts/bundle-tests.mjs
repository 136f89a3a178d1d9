// Bundles each test file, with the code it tests, into out/test.
import { build } from 'esbuild';
import { globSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './paths.mjs';

/** Bundles every test file, as the product itself is bundled. */
export async function bundleTests() {
  const outdir = join(root, 'out/test');
  await rm(outdir, { recursive: true, force: true });
  await build({
    entryPoints: globSync(['test/**/*.test.ts', 'test/vscode/index.ts'], { cwd: root }).map((file) => join(root, file)),
    outdir,
    outbase: join(root, 'test'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    sourcemap: 'inline',
    mainFields: ['module', 'main'],
    external: ['vscode', 'better-sqlite3', 'mocha', 'playwright-core', '@vscode/vsce'],
    // Of paths.mjs: a bundled test is told the root by the environment.
    logOverride: { 'empty-import-meta': 'silent' },
    logLevel: 'warning',
  });
}
