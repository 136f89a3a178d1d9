// Our reading of compose files beside `docker compose config`, on files made by chance.
import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generatedCompose, writeFiles } from '../support/generated-compose';
import { hasCompose, ourAnswer, realAnswer } from '../support/real-compose';

const CASES = Number(process.env['PATS_COMPOSE_CASES'] ?? 60);

describe('compose files beside the real Compose', function () {
  this.timeout(120_000);

  it(`say the same as "docker compose config" (${CASES} projects)`, function () {
    if (!hasCompose()) {
      this.skip();
    }
    const first = Number(process.env['PATS_COMPOSE_SEED'] ?? 1000);
    for (let seed = first; seed < first + CASES; seed++) {
      const root = realpathSync(mkdtempSync(join(tmpdir(), 'pats-compose-')));
      const files = generatedCompose(seed);
      writeFiles(root, files);
      const real = realAnswer(root);
      assert.deepEqual(
        ourAnswer(root),
        real,
        `seed ${seed}\n${Object.entries(files)
          .map(([path, text]) => `--- ${path}\n${text}`)
          .join('\n')}`,
      );
      rmSync(root, { recursive: true });
    }
  });
});
