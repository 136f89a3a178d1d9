// Our reading of compose files beside `docker compose config`, on files made by chance.
import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generatedCompose, writeFiles } from '../support/generated-compose';
import { hasCompose, ourAnswer, realAnswer, RECORD, withoutPlaces } from '../support/real-compose';

const CASES = Number(process.env['PATS_COMPOSE_CASES'] ?? 60);

/** How many of them are kept with Compose's answers, for machines without it. */
const RECORDED = 40;

describe('compose files beside the real Compose', function () {
  this.timeout(120_000);

  if (!hasCompose()) {
    console.log('Not run: there is no docker compose here. Its recorded answers are compared in test/unit/compose.');
    return;
  }

  it(`say the same as "docker compose config" (${CASES} projects)`, () => {
    const first = Number(process.env['PATS_COMPOSE_SEED'] ?? 1000);
    for (let seed = first; seed < first + CASES; seed++) {
      const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pats-compose-')));
      const root = join(folder, 'project');
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
      if (seed % 10 === 0) {
        assert.deepEqual(ourAnswer(root, true), real, `asked, seed ${seed}`);
      }
      rmSync(folder, { recursive: true });
    }
  });

  /** PATS_RECORD_COMPOSE=1 writes the answers anew, after the generator was changed. */
  (process.env['PATS_RECORD_COMPOSE'] === undefined ? () => undefined : it)('whose answers are recorded', () => {
    const answers = Array.from({ length: RECORDED }, (_, seed) => {
      const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pats-compose-')));
      const root = join(folder, 'project');
      writeFiles(root, generatedCompose(seed));
      const answer = realAnswer(root);
      rmSync(folder, { recursive: true });
      return withoutPlaces(answer, folder);
    });
    writeFileSync(RECORD, `${JSON.stringify(answers)}\n`);
  });
});
