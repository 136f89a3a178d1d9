// What is true of a mounted disk with other rules than Linux' own: the suite `filesystems` names its kind, and the folder beside it.
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, existsSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../src/engine/create-engine';
import { failsWith } from '../support/failing';
import { filesOf, hiddenIn, makeProject, rowsOf, stateOf, visibleIn, wreck, writeUpload, type PatsProject } from '../support/pats-project';
import { newForEachTest } from '../support/stand-in';

const KIND = process.env['PATS_TEST_DISK'] ?? '';
const keepsCase = KIND !== 'NTFS without case';
const foldsCase = KIND !== 'NTFS';
const hasLinks = KIND !== 'exFAT';
const keepsDots = KIND === 'exFAT';
const hasModes = KIND === 'NTFS';
const engine = createEngine();

/** Under the names that the disk gives them. */
function asKept(files: Record<string, string | undefined>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(files).map(([name, is]) => [keepsCase ? name : name.toLowerCase(), is]));
}

/** On the disk that has Linux' rules. */
function makeElsewhere(): PatsProject {
  const { TMPDIR } = process.env;
  process.env['TMPDIR'] = process.env['PATS_TEST_BESIDE'];
  try {
    return makeProject();
  } finally {
    process.env['TMPDIR'] = TMPDIR;
  }
}

describe(`a project on ${KIND}`, () => {
  const project = newForEachTest(makeProject);
  const elsewhere = newForEachTest(makeElsewhere);
  const here = (): { readonly root: string } => ({ root: project.root });

  /** A backup that was made elsewhere, as a file. */
  async function exported(): Promise<string> {
    await engine.create({ root: elsewhere.root }, { trigger: 'manual', name: 'foreign' });
    return (await engine.exportBackup({ root: elsewhere.root }, { name: 'foreign' })).file;
  }

  it('has the rules that this suite is about', () => {
    writeUpload(project, 'Readme.TXT', '');
    assert.equal('Readme.TXT' in filesOf(project.uploads), keepsCase);
    assert.equal(existsSync(join(project.uploads, 'README.txt')), foldsCase);
    assert.throws(() => {
      writeUpload(project, 'q?.txt', '');
    });
  });

  it('gets the names of a backup from elsewhere, as far as it keeps them, and gives them back', async () => {
    writeUpload(elsewhere, 'Readme.TXT', 'capitals');
    writeUpload(elsewhere, 'cafe\u0301/Menu\u0308.txt', 'accents of their own');
    const file = await exported();
    await engine.importBackup(here(), { file });
    const [verified] = await engine.verify(here(), { names: ['foreign'], deep: true });
    assert.deepEqual([verified?.ok, verified?.problems], [true, []]);
    wreck(project);
    const wrecked = stateOf(project);
    await engine.restore(here(), { name: 'foreign', scope: 'all' });
    const wanted = filesOf(elsewhere.uploads);
    assert.deepEqual(filesOf(project.uploads), asKept(wanted));
    assert.deepEqual(rowsOf(project.database), rowsOf(elsewhere.database));
    await engine.undo(here(), {});
    assert.deepEqual(stateOf(project), wrecked);
    // And back to where names are kept.
    const back = await engine.exportBackup(here(), { name: 'foreign', file: join(elsewhere.root, 'back.zip') });
    wreck(elsewhere);
    await engine.remove({ root: elsewhere.root }, { names: ['foreign'] });
    await engine.importBackup({ root: elsewhere.root }, { file: back.file });
    await engine.restore({ root: elsewhere.root }, { name: 'foreign', scope: 'all' });
    assert.deepEqual(filesOf(elsewhere.uploads), wanted);
  });

  for (const [what, name] of [
    ['with a character that it does not know', 'q?.txt'],
    ['that ends in a dot', 'end.'],
    ['that is another one but for its case', 'CV.pdf'],
  ] as const) {
    it(`names a file ${what} before it is restored, and changes nothing`, async () => {
      writeUpload(elsewhere, name, 'cannot be held there');
      const file = await exported();
      wreck(project);
      const wrecked = stateOf(project);
      const backups = elsewhere.backups;
      if ((name === 'CV.pdf' && !foldsCase) || (name === 'end.' && keepsDots)) {
        await engine.importBackup(here(), { file });
        await engine.restore(here(), { name: 'foreign', scope: 'all' });
        assert.deepEqual(filesOf(project.uploads), filesOf(elsewhere.uploads));
        return;
      }
      const named = new RegExp(`uploads/${name.replace(/[?.]/g, '[$&]')}`, 'i');
      const request = { ...here(), backups };
      assert.match((await failsWith('NAME_INVALID', engine.importBackup(here(), { file }))).message, named);
      assert.match((await engine.planRestore(request, { name: 'foreign', scope: 'all' })).obstacles?.join() ?? '', named);
      assert.match((await engine.drill(request, { name: 'foreign' })).problems.join(), named);
      assert.match((await failsWith('NAME_INVALID', engine.restore(request, { name: 'foreign', scope: 'all' }))).message, named);
      assert.deepEqual(stateOf(project), wrecked);
      assert.deepEqual([visibleIn(project.backups), hiddenIn(project.backups)], [[], []]);
      await engine.restore({ ...here(), backups }, { name: 'foreign', scope: 'database' });
      assert.deepEqual(rowsOf(project.database), rowsOf(elsewhere.database));
    });
  }

  it('gets the files of a backup that has links, and is told which it cannot have', async () => {
    symlinkSync('cv.pdf', join(elsewhere.uploads, 'newest'));
    await engine.create({ root: elsewhere.root }, { trigger: 'manual', name: 'foreign' });
    const request = { ...here(), backups: elsewhere.backups };
    const plan = await engine.planRestore(request, { name: 'foreign', scope: 'all' });
    const drilled = await engine.drill(request, { name: 'foreign' });
    for (const foreseen of [plan, drilled]) {
      assert.deepEqual(
        foreseen.warnings.map(({ code }) => code),
        [...(hasLinks ? [] : ['LINKS_LEFT_OUT']), ...(hasModes ? [] : ['ATTRIBUTES_LOST'])],
      );
    }
    assert.deepEqual(hiddenIn(project.backups), []);
    const { warnings } = await engine.restore(request, { name: 'foreign', scope: 'all' });
    assert.equal(
      warnings.some(({ message }) => message.includes('keeps no permissions')),
      !hasModes,
    );
    assert.equal(
      warnings.some(({ message }) => message.includes('newest')),
      !hasLinks,
    );
    const { newest: link, ...files } = filesOf(elsewhere.uploads);
    assert.deepEqual(filesOf(project.uploads), asKept(hasLinks ? { ...files, newest: link } : files));
  });

  it('is not told to change permissions of a backups folder that may have none', async () => {
    await engine.create(here(), { trigger: 'manual' });
    chmodSync(project.backups, 0o755);
    const advice = (await engine.doctor(here())).map(({ remedy }) => remedy).join();
    assert.doesNotMatch(advice, /chmod/);
  });

  it('has no copy of its database among the uploads, however it is named', async () => {
    const database = join(project.uploads, 'Pats.db');
    const other = { ...here(), database: foldsCase ? database.replace('Pats', 'PATS') : database };
    copyFileSync(elsewhere.database, database);
    const created = await engine.create(other, { trigger: 'manual', name: 'good' });
    assert.deepEqual(
      Object.keys(filesOf(created.path)).filter((path) => /uploads\/pats[.]db$/i.test(path)),
      [],
    );
    const rows = rowsOf(database);
    await engine.restore(other, { name: 'good', scope: 'all' });
    assert.ok(readdirSync(project.uploads).includes(keepsCase ? 'Pats.db' : 'pats.db'));
    if (KIND !== 'exFAT') {
      // That one remembers for a moment what was there under the other name.
      assert.deepEqual(rowsOf(database), rows);
    }
  });
});
