import assert from 'node:assert/strict';
import { createWriteStream, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { createEngine } from '../../../src/engine/create-engine';
import { filesOf, makeProject, stateOf, wreck, writeUpload } from '../../support/pats-project';
import { newForEachTest } from '../../support/stand-in';

/** What Finder, Explorer and macOS on exFAT or SMB leave in folders that somebody looks at. */
const SYSTEM_FILES = ['.DS_Store', '2024/.DS_Store', '._cv.pdf', '2024/._portrait.png', 'Thumbs.db', 'desktop.ini', 'Icon\r', '.localized'];
const engine = createEngine();

describe('a backup whose folders somebody has looked at', () => {
  const project = newForEachTest(makeProject);
  let request: { readonly root: string };
  let before: unknown;
  beforeEach(async () => {
    request = { root: project.root };
    before = stateOf(project);
    const { path } = await engine.create(request, { trigger: 'manual', name: 'good' });
    for (const name of SYSTEM_FILES) {
      writeFileSync(join(path, 'uploads', name), 'of the system');
    }
    writeFileSync(join(path, '.DS_Store'), 'of the system');
    writeFileSync(join(path, '._pats.db'), 'of the system');
  });

  it('verifies, is rehearsed and restored, without what the system has put there', async () => {
    assert.deepEqual(
      (await engine.verify(request, { deep: true })).map(({ ok, problems }) => ({ ok, problems })),
      [{ ok: true, problems: [] }],
    );
    assert.deepEqual((await engine.drill(request, { name: 'good' })).problems, []);
    wreck(project);
    await engine.restore(request, { name: 'good', scope: 'all' });
    assert.deepEqual(stateOf(project), before);
  });

  it('is exported without them', async () => {
    const { file } = await engine.exportBackup(request, { name: 'good' });
    const { path } = await engine.importBackup(request, { file });
    const found = Object.keys(filesOf(join(path, 'uploads')));
    assert.deepEqual(
      found.filter((each) => SYSTEM_FILES.includes(each)),
      [],
    );
  });

  it('is imported after it was packed again on a Mac', async () => {
    const file = join(project.root, 'mac.zip');
    const zip = new ZipFile();
    const good = join(project.backups, 'good');
    for (const name of Object.keys(filesOf(good)).filter((each) => statSync(join(good, each)).isFile())) {
      zip.addFile(join(good, name), `good/${name}`);
      zip.addBuffer(Buffer.from('of the system'), `__MACOSX/good/${name.replace(/[^/]*$/, '._$&')}`);
    }
    zip.addBuffer(Buffer.from('of the system'), '.DS_Store');
    zip.end();
    await pipeline(zip.outputStream, createWriteStream(file));
    rmSync(good, { recursive: true });
    await engine.importBackup(request, { file });
    assert.deepEqual(
      (await engine.verify(request, {})).map(({ problems }) => problems),
      [[]],
    );
  });

  it('has such files among the uploads when they were there before: they are data like any other', async () => {
    rmSync(join(project.backups, 'good'), { recursive: true });
    writeUpload(project, 'Thumbs.db', 'an upload of somebody');
    const all = stateOf(project);
    await engine.create(request, { trigger: 'manual', name: 'good' });
    wreck(project);
    rmSync(join(project.uploads, 'Thumbs.db'));
    await engine.restore(request, { name: 'good', scope: 'all' });
    assert.deepEqual(stateOf(project), all);
  });
});
