// Specification of uploads that become something else between the look and the copy: what they are then is no file of the backup.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { realDisk, type Disk } from '../../../src/engine/files/disk';
import { realMany } from '../../../src/engine/files/many';
import { realEnvironment } from '../../../src/engine/store/environment';
import { filesOf, makeProject, writeUpload } from '../../support/pats-project';
import { newForEachTest } from '../../support/stand-in';

const SECRET = 'what lies outside of the uploads';

describe('an upload that becomes something else while the backup is made', () => {
  const project = newForEachTest(() => makeProject());
  const become: Record<string, (path: string) => void> = {
    'a link to a file elsewhere': (path) => {
      writeFileSync(join(project.root, 'secret.txt'), SECRET);
      symlinkSync(join(project.root, 'secret.txt'), path);
    },
    'a folder': (path) => {
      mkdirSync(path);
    },
    'a FIFO': (path) => {
      execFileSync('mkfifo', [path]);
    },
  };
  for (const count of [3, 60]) {
    for (const [what, make] of Object.entries(become)) {
      it(`is not in it when it is ${what} by then, of ${count} files`, async function () {
        if (process.platform === 'win32') {
          this.skip();
        }
        for (let number = 0; number < count; number++) {
          writeUpload(project, `${number}.txt`, `upload ${number}`);
        }
        const path = join(project.uploads, '2.txt');
        let isDone = false;
        const replace = (): void => {
          if (!isDone) {
            isDone = true;
            rmSync(path);
            make(path);
          }
        };
        const copy: Disk['copy'] = async (from, to, sparse) => {
          replace();
          return realDisk.copy(from, to, sparse);
        };
        const many: Disk['many'] = {
          ...realMany,
          copy: (files) => {
            replace();
            return realMany.copy(files);
          },
        };
        const engine = createEngine({ ...realEnvironment, disk: { ...realDisk, copy, many } });
        const result = await engine.create({ root: project.root }, { trigger: 'manual', name: 'one' });
        assert.ok(isDone);
        assert.equal(filesOf(join(result.path, 'uploads'))['2.txt'], undefined);
        assert.deepEqual(
          await createEngine()
            .verify({ root: project.root }, { deep: true })
            .then(([first]) => first?.problems),
          [],
        );
        assert.ok(result.warnings.some(({ code }) => code === 'FILES_MISSING'));
      });
    }
  }
});
