// Bundles each test file, with the code it tests, into out/test.
import { build } from 'esbuild';
import { globSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './paths.mjs';

/**
 * Bundles test files, as the product itself is bundled; the folder then holds nothing else.
 * @param {readonly string[]} files from the repository's root; every one by default
 */
export async function bundleTests(files = globSync(['test/**/*.test.ts', 'test/vscode/index.ts'], { cwd: root })) {
  const outdir = join(root, 'out/test');
  await rm(outdir, { recursive: true, force: true });
  await build({
    entryPoints: files.map((file) => join(root, file)),
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
