// The formats of a backup: what earlier releases wrote is read for ever, and what is written now can be read later.
import assert from 'node:assert/strict';
import { cpSync, lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { realDisk, type Disk } from '../../../src/engine/files/disk';
import { realEnvironment } from '../../../src/engine/store/environment';
import { REPOSITORY } from '../../support/cli-project';
import { failsWith } from '../../support/failing';
import { makeProject, rowsOf, visibleIn, writeUpload, type PatsProject } from '../../support/pats-project';

const FIXTURES = join(REPOSITORY, 'test/fixtures/backups');
const ROWS = [
  { id: 1, name: 'First' },
  { id: 2, name: 'Second' },
];

/** A list comes in pieces. */
function whole(text: string | Iterable<string>): string {
  return typeof text === 'string' ? text : [...text].join('');
}

describe('the formats of a backup', function () {
  this.timeout(60_000);
  const engine = createEngine();
  let project: PatsProject;

  beforeEach(() => {
    project = makeProject();
  });
  afterEach(() => {
    project.remove();
  });

  const here = () => ({ root: project.root });
  const path = (name: string): string => join(project.uploads, name);

  for (const name of ['format-1.0', 'format-1.1']) {
    it(`${name.slice(7)} is listed, verified, drilled, restored and undone`, async () => {
      mkdirSync(project.backups, { recursive: true });
      cpSync(join(FIXTURES, name), join(project.backups, name), { recursive: true });
      const before = rowsOf(project.database);
      const { backups } = await engine.list(here());
      assert.deepEqual(
        backups.map((each) => [each.name, each.status]),
        [[name, 'ok']],
      );
      const [verified] = await engine.verify(here(), { names: [name], deep: true });
      assert.deepEqual(verified?.problems, []);
      assert.deepEqual((await engine.drill(here(), { name })).problems, []);
      await engine.restore(here(), { name, scope: 'all' });
      assert.deepEqual(rowsOf(project.database)['companies'], ROWS);
      assert.equal(readFileSync(path('cv.txt'), 'utf8'), 'a curriculum vitae\n');
      if (name === 'format-1.1' && process.platform !== 'win32') {
        assert.equal(lstatSync(path('cv.txt'), { bigint: true }).mtimeNs, 1709294400123456789n);
        assert.equal(statSync(path('2024/note.txt')).mode & 0o777, 0o640);
        assert.equal(readlinkSync(path('newest')), 'cv.txt');
      }
      await engine.undo(here(), {});
      assert.deepEqual(rowsOf(project.database), before);
    });
  }

  it('1.2 is a plain folder with everything in its place, for a script that knows only 1.0', async () => {
    const { path: folder, backup_version: version } = await engine.create(here(), { trigger: 'manual', name: 'kept' });
    assert.equal(version, '1.2');
    const manifest = JSON.parse(readFileSync(join(folder, 'backup_metadata.json'), 'utf8')) as Record<string, unknown>;
    assert.deepEqual(
      [manifest['backup_name'], manifest['database_file'], manifest['uploads_included'], manifest['alembic_revision']],
      ['kept', 'pats.db', true, 'a1b2c3d4e5f6'],
    );
    assert.deepEqual(rowsOf(join(folder, 'pats.db')), rowsOf(project.database));
    assert.equal(readFileSync(join(folder, 'uploads/2024/portrait.png'), 'utf8'), 'PNG bytes');
  });

  it('1.2 keeps a long list of folders in a file of its own, which must not be changed', async () => {
    for (let number = 0; number < 1000; number++) {
      mkdirSync(path(`folders/${number}`), { recursive: true });
    }
    const { path: folder } = await engine.create(here(), { trigger: 'manual', name: 'kept' });
    rmSync(path('folders'), { recursive: true });
    await engine.restore(here(), { name: 'kept', scope: 'uploads' });
    assert.ok(statSync(path('folders/999')).isDirectory());
    const list = join(folder, 'backup_folders.json');
    writeFileSync(list, readFileSync(list, 'utf8').replace('"mode":493', '"mode":511'));
    await failsWith('BACKUP_DAMAGED', engine.restore(here(), { name: 'kept', scope: 'uploads' }));
    rmSync(path('folders'), { recursive: true });
    await engine.restore(here(), { name: 'kept', scope: 'uploads', ignoreDamage: true });
    assert.ok(statSync(path('folders/999')).isDirectory());
  });

  it('is not published when it could not be read later', async () => {
    const writeText: Disk['writeText'] = (file, text) =>
      realDisk.writeText(file, file.includes('.tmp-backup_metadata') ? whole(text).replace('"files"', '"files": 7, "was"') : text);
    const broken = createEngine({ ...realEnvironment, disk: { ...realDisk, writeText } });
    await failsWith('WRITE_FAILED', broken.create(here(), { trigger: 'manual', name: 'kept' }));
    assert.deepEqual(visibleIn(project.backups), []);
    for (let number = 0; number < 1000; number++) {
      writeUpload(project, `many/${number}`, '');
    }
    const cut: Disk['writeText'] = (file, text) =>
      realDisk.writeText(file, file.endsWith('backup_files.json') ? whole(text).slice(0, -9) : text);
    await failsWith(
      'WRITE_FAILED',
      createEngine({ ...realEnvironment, disk: { ...realDisk, writeText: cut } }).create(here(), { trigger: 'manual', name: 'kept' }),
    );
    assert.deepEqual(visibleIn(project.backups), []);
  });
});
