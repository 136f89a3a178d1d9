import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream, existsSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { ZipFile } from 'yazl';

import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { createEngine } from '../../../src/engine/create-engine';
import { DumpSource } from '../../../src/engine/sqlite/dump/source';
import { openFiles } from '../../support/open-files';
import { failsWith } from '../../support/failing';
import { filesOf, hiddenIn, makeProject, stateOf, visibleIn, writeUpload } from '../../support/pats-project';
import { newForEachTest } from '../../support/stand-in';

const engine = createEngine();

describe('export and import', () => {
  const project = newForEachTest(makeProject);
  const other = newForEachTest(makeProject);
  beforeEach(async () => {
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'good', note: 'travels' });
  });

  for (const passphrase of [undefined, 'correct horse battery staple']) {
    it(`bring a backup to another machine${passphrase === undefined ? '' : ' encrypted'}, where it verifies and restores`, async function () {
      this.timeout(60_000);
      const secret = passphrase === undefined ? {} : { passphrase };
      const { file, encrypted } = await engine.exportBackup({ root: project.root }, { name: 'good', ...secret });
      assert.equal(encrypted, passphrase !== undefined);
      assert.equal(readFileSync(file).includes('Übersicht'), passphrase === undefined);
      const imported = await engine.importBackup({ root: other.root }, { file, ...secret });
      assert.equal(imported.note, 'travels');
      const content = (folder: string) => ({ ...filesOf(folder), 'backup_metadata.json': '' });
      assert.deepEqual(content(imported.path), content(join(project.backups, 'good')));
      assert.deepEqual(await engine.verify({ root: other.root }, {}), [
        { name: 'good', ok: true, problems: [], damaged: [], warnings: [] },
      ]);
      await engine.restore({ root: other.root }, { name: 'good', scope: 'all' });
      assert.deepEqual(stateOf(other), stateOf(project));
      assert.deepEqual(hiddenIn(other.backups), []);
    });
  }

  it('refuses a wrong passphrase, none, and a damaged file, and imports nothing', async function () {
    this.timeout(60_000);
    const { file } = await engine.exportBackup({ root: project.root }, { name: 'good', passphrase: 'right' });
    await failsWith('REFUSED', engine.importBackup({ root: other.root }, { file, passphrase: 'wrong' }));
    await failsWith('REFUSED', engine.importBackup({ root: other.root }, { file }));
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(0, bytes.length - 100));
    await failsWith('BACKUP_DAMAGED', engine.importBackup({ root: other.root }, { file, passphrase: 'right' }));
    assert.deepEqual([...visibleIn(other.backups), ...hiddenIn(other.backups)], []);
  });

  it('keeps no file open after a failure: Windows would not let anybody remove it', async function () {
    if (!openFiles().isKnown) {
      this.skip();
    }
    const [one, stranger] = await Promise.all([generateIdentity(), generateIdentity()]);
    // More than is read ahead.
    writeUpload(project, 'large.bin', randomBytes(400_000).toString('base64'));
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'large' });
    const { file } = await engine.exportBackup({ root: project.root }, { name: 'large', recipients: [await identityToRecipient(one)] });
    await failsWith('REFUSED', engine.importBackup({ root: other.root }, { file, identities: [stranger] }));
    const dump = join(project.root, 'refused.sql');
    writeFileSync(dump, `ATTACH 'other.db' AS o;\n${'SELECT 1;\n'.repeat(50_000)}`);
    await failsWith('DUMP_REFUSED', engine.restoreDump({ root: project.root }, { file: dump }));
    for await (const piece of new DumpSource(dump).pieces(undefined)) {
      assert.ok(piece.position > 0);
      break;
    }
    assert.deepEqual(
      openFiles().paths.filter((path) => path === file || path === dump),
      [],
    );
  });

  it('encrypts to several recipients, each of whom opens it with the own secret key alone', async function () {
    this.timeout(60_000);
    const [one, another, stranger] = await Promise.all([generateIdentity(), generateIdentity(), generateIdentity()]);
    const recipients = await Promise.all([one, another].map(identityToRecipient));
    const { file, encrypted } = await engine.exportBackup({ root: project.root }, { name: 'good', recipients });
    assert.equal(encrypted, true);
    assert.match(file, /good\.zip\.age$/);
    for (const keys of [{}, { passphrase: 'right' }]) {
      const { remedy } = await failsWith('REFUSED', engine.importBackup({ root: other.root }, { file, ...keys }));
      assert.match(remedy, /--identity-file/);
    }
    await failsWith('REFUSED', engine.importBackup({ root: other.root }, { file, identities: [stranger] }));
    await failsWith('USAGE', engine.importBackup({ root: other.root }, { file, identities: ['AGE-SECRET-KEY-1NONE'] }));
    assert.deepEqual([...visibleIn(other.backups), ...hiddenIn(other.backups)], []);
    for (const identity of [one, another]) {
      const imported = await engine.importBackup({ root: other.root }, { file, identities: [stranger, identity] });
      assert.deepEqual(Object.keys(filesOf(imported.path)), Object.keys(filesOf(join(project.backups, 'good'))));
    }
    assert.deepEqual(visibleIn(other.backups), ['good', 'good_2']);
  });

  it('takes no recipient that is none, and not a passphrase as well', async () => {
    const recipients = [await identityToRecipient(await generateIdentity())];
    await failsWith('USAGE', engine.exportBackup({ root: project.root }, { name: 'good', recipients: ['age1nobody'] }));
    await failsWith('USAGE', engine.exportBackup({ root: project.root }, { name: 'good', recipients, passphrase: 'as well' }));
    assert.deepEqual(visibleIn(project.root), ['backend', 'backups']);
  });

  it('gives an imported backup another name where its own is taken', async () => {
    const { file } = await engine.exportBackup({ root: project.root }, { name: 'good' });
    const again = await engine.importBackup({ root: project.root }, { file });
    assert.equal(again.backup_name, 'good_2');
    assert.deepEqual(
      (await engine.verify({ root: project.root }, {})).map((result) => [result.name, result.ok]),
      [
        ['good_2', true],
        ['good', true],
      ],
    );
  });

  it('writes over no file, exports no damaged backup, and leaves no half of a file', async () => {
    const file = join(project.root, 'export.zip');
    writeFileSync(file, 'mine');
    await failsWith('BACKUP_EXISTS', engine.exportBackup({ root: project.root }, { name: 'good', file }));
    assert.equal(readFileSync(file, 'utf8'), 'mine');
    writeFileSync(join(project.backups, 'good/uploads/cv.pdf'), 'changed');
    await failsWith('BACKUP_DAMAGED', engine.exportBackup({ root: project.root }, { name: 'good' }));
    assert.deepEqual(
      readdirSync(project.root).filter((name) => name.startsWith('good')),
      [],
    );
  });

  it('can be opened by any archive tool', async () => {
    const { file } = await engine.exportBackup({ root: project.root }, { name: 'good' });
    const names = execFileSync('python3', ['-c', 'import sys, zipfile; print("\\n".join(zipfile.ZipFile(sys.argv[1]).namelist()))', file], {
      encoding: 'utf8',
    });
    assert.match(names, /good\/pats\.db/);
    assert.match(names, /good\/uploads\/2024\/Übersicht\.txt/);
  });

  it('never lets an archive write outside, or bring links', async () => {
    const outside = join(other.root, 'escaped.txt');
    const file = join(project.root, 'hostile.zip');
    const script = [
      'import sys, zipfile',
      'zip = zipfile.ZipFile(sys.argv[1], "w")',
      'zip.writestr("good/../../../escaped.txt", "x")',
      'zip.close()',
    ].join('\n');
    execFileSync('python3', ['-c', script, file]);
    await failsWith('REFUSED', engine.importBackup({ root: other.root }, { file }));
    assert.equal(existsSync(outside), false);
    symlinkSync('/etc/passwd', join(project.root, 'link'));
    const links = join(project.root, 'links.zip');
    const zip = new ZipFile();
    zip.addBuffer(Buffer.from('/etc/passwd'), 'good/pats.db', { mode: 0o120777 });
    zip.end();
    await pipeline(Readable.from(zip.outputStream), createWriteStream(links));
    await failsWith('REFUSED', engine.importBackup({ root: other.root }, { file: links }));
    writeFileSync(join(project.root, 'garbage.zip'), 'not a zip');
    await failsWith('REFUSED', engine.importBackup({ root: other.root }, { file: join(project.root, 'garbage.zip') }));
    assert.deepEqual([...visibleIn(other.backups), ...hiddenIn(other.backups)], []);
  });
});
