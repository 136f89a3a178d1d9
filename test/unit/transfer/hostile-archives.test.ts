// Exported files that were changed by a stranger: what they bring beside a backup, and how long they take.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { importBackup } from '../../../src/engine/transfer/import';
import { realEnvironment } from '../../../src/engine/store/environment';
import { discover } from '../../../src/engine/project/discovery/discovery';
import { failsWith } from '../../support/failing';
import { filesOf, hiddenIn, makeProject, visibleIn } from '../../support/pats-project';
import { newForEachTest } from '../../support/stand-in';

const engine = createEngine();

/** Adds entries to an archive: `path` with its text, or a folder when it ends with a slash. */
function addTo(file: string, entries: Readonly<Record<string, string>>): void {
  const script =
    'import sys, json, zipfile\nzip = zipfile.ZipFile(sys.argv[1], "a")\n' +
    'for name, text in json.load(sys.stdin).items(): zip.writestr(name, text)\nzip.close()';
  execFileSync('python3', ['-c', script, file], { input: JSON.stringify(entries) });
}

describe('an exported file of a stranger', () => {
  const project = newForEachTest(makeProject);
  const other = newForEachTest(makeProject);
  let file = '';
  beforeEach(async () => {
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
    ({ file } = await engine.exportBackup({ root: project.root }, { name: 'good' }));
  });

  it('brings nothing but the backup: no record of a verification, no folder of git, no list that nobody asked for', async () => {
    const at = '2020-01-01T00:00:00.000Z';
    addTo(file, {
      'good/.verification.json': JSON.stringify({ at, depth: 'deep', ok: false, problems: ['forged'], readAt: at }),
      'good/.git/config': '[core]\n\tfsmonitor = touch /tmp/never\n',
      'good/.tmp-x/y': '',
      'good/backup_files.json': '[]',
      'good/run.sh': '#!/bin/sh\n',
    });
    const { path, warnings } = await engine.importBackup({ root: other.root }, { file });
    assert.deepEqual(Object.keys(filesOf(path)), Object.keys(filesOf(join(project.backups, 'good'))));
    assert.deepEqual(readdirSync(path).sort(), ['backup_metadata.json', 'pats.db', 'uploads']);
    assert.deepEqual(warnings, []);
    const [entry] = (await engine.list({ root: other.root })).backups;
    assert.equal(entry?.verification, null);
  });

  it('makes no more folders than a backup can need', async () => {
    const deep = Array.from({ length: 100 }, (_, index) => [`good/uploads/${index}/${'a/'.repeat(150)}x`, '']);
    addTo(file, Object.fromEntries(deep) as Record<string, string>);
    await failsWith('REFUSED', engine.importBackup({ root: other.root }, { file }));
    assert.deepEqual([...visibleIn(other.backups), ...hiddenIn(other.backups)], []);
  });

  it('is on the disk, with every folder of it, before it is listed', async () => {
    const synced: string[] = [];
    const { disk } = realEnvironment;
    const watched = {
      ...disk,
      syncFolder: async (path: string) => (synced.push(path), disk.syncFolder(path)),
      syncTree: async (folder: string, files: readonly string[], folders?: readonly string[]) => (
        synced.push(...files, ...(folders ?? [])),
        disk.syncTree(folder, files, folders)
      ),
      rename: async (from: string, to: string) => (synced.push(`rename ${to}`), disk.rename(from, to)),
    };
    await engine.create({ root: other.root }, { trigger: 'manual', name: 'mine' });
    const found = await discover({ root: other.root });
    const { path } = await importBackup({ ...realEnvironment, disk: watched }, found.project, { file }, {});
    const before = synced.slice(0, synced.indexOf(`rename ${path}`));
    for (const name of ['pats.db', 'uploads', 'uploads/2024', 'uploads/2024/Übersicht.txt']) {
      assert.ok(
        before.some((each) => each.endsWith(`/good/${name}`)),
        name,
      );
    }
  });
});
