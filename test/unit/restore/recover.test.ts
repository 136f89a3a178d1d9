// An interrupted restore: what is shown, what is done, and what is never acted upon.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { realDisk } from '../../../src/engine/files/disk';
import { realEnvironment, type Step } from '../../../src/engine/store/environment';
import { deadFrom } from '../../support/dead-engine';
import { failsWith } from '../../support/failing';
import {
  execute,
  filesOf,
  hiddenIn,
  makeProject,
  rowsOf,
  stateOf,
  visibleIn,
  wreck,
  writeUpload,
  type PatsProject,
} from '../../support/pats-project';

const engine = createEngine();
const all = { name: 'good', scope: 'all' } as const;
const JOURNAL = '.restore-journal.json';

describe('an interrupted restore', () => {
  let project: PatsProject;
  let wrecked: ReturnType<typeof stateOf>;
  beforeEach(async () => {
    project = makeProject();
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
    wreck(project);
    wrecked = stateOf(project);
  });
  afterEach(() => {
    project.remove();
  });

  async function interruptAt(step: Step, backups?: string): Promise<void> {
    await assert.rejects(deadFrom(step).restore({ root: project.root, ...(backups !== undefined && { backups }) }, all));
  }

  it('is described before anything is done about it', async () => {
    await interruptAt('uploads-placed');
    const before = filesOf(project.root);
    const planned = await engine.recover({ root: project.root }, { dryRun: true });
    assert.match(planned.actions.join(), /"good" was interrupted\. The state before it will be put back/);
    assert.equal(planned.waiting?.backup, 'good');
    assert.deepEqual(filesOf(project.root), before);
    const { actions, waiting } = await engine.recover({ root: project.root }, {});
    assert.match(actions.join(), /the state before it was put back/);
    assert.equal(waiting, null);
    assert.deepEqual(stateOf(project), wrecked);
    assert.deepEqual([...visibleIn(project.backups), ...hiddenIn(project.backups)], ['good']);
    assert.deepEqual(await engine.recover({ root: project.root }, { dryRun: true }), { actions: [], waiting: null });
  });

  it('is found by a run that names another backups folder', async () => {
    const other = join(project.root, 'elsewhere');
    await engine.create({ root: project.root, backups: other }, { trigger: 'manual', name: 'good' });
    await interruptAt('uploads-placed', other);
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'next' });
    assert.deepEqual(stateOf(project), wrecked);
    assert.deepEqual(hiddenIn(other), []);
  });

  it('is shown by verbs that read and stops those that write, while something is in the way', async () => {
    await interruptAt('uploads-placed');
    const unlessStuck =
      (move: (from: string, to: string) => Promise<void>) =>
      (from: string, to: string): Promise<void> =>
        basename(from) === 'cv.pdf' && basename(dirname(from)) === 'replaced'
          ? Promise.reject(Object.assign(new Error('EBUSY: the disk of the test fails'), { code: 'EBUSY' }))
          : move(from, to);
    const stuck = createEngine({
      ...realEnvironment,
      disk: {
        ...realDisk,
        rename: unlessStuck((from, to) => realDisk.rename(from, to)),
        hardLink: unlessStuck((from, to) => realDisk.hardLink(from, to)),
      },
    });
    const { waiting } = await stuck.list({ root: project.root });
    assert.match(waiting?.message ?? '', /cv\.pdf could not be put back to .*uploads\. It is safe in .*replaced[\\/]cv\.pdf/);
    assert.match(waiting?.remedy ?? '', /recover/);
    assert.equal((await stuck.status({ root: project.root })).waiting?.backup, 'good');
    assert.ok((await stuck.doctor({ root: project.root })).some(({ topic, level }) => topic === 'Interrupted runs' && level === 'problem'));
    assert.ok((await stuck.verify({ root: project.root }, {})).length > 0);
    await failsWith('RESTORE_INTERRUPTED', stuck.create({ root: project.root }, { trigger: 'manual', name: 'mix' }));
    await failsWith('RESTORE_INTERRUPTED', stuck.restore({ root: project.root }, all));
    await failsWith('RESTORE_INTERRUPTED', stuck.remove({ root: project.root }, { names: [waiting?.safetyBackup ?? ''] }));
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'later' });
    assert.deepEqual(stateOf(project), wrecked);
  });

  it('after which somebody wrote to what was restored goes back whole, and what was written is kept in a backup', async () => {
    await interruptAt('database-replaced');
    execute(project.database, "INSERT INTO companies (name) VALUES ('after the crash')");
    const { actions } = await engine.recover({ root: project.root }, {});
    assert.deepEqual(stateOf(project), wrecked);
    const kept = /kept in the backup "([^"]+)"/.exec(actions.join())?.[1] ?? '';
    assert.equal((rowsOf(join(project.backups, kept, 'pats.db'))['companies'] as unknown[]).length, 51);
    await failsWith('NOTHING_TO_UNDO', engine.undo({ root: project.root }, {}));
  });

  it('that had happened is finished, and undo goes back to what it had replaced', async () => {
    await interruptAt('database-replaced');
    const { actions } = await engine.recover({ root: project.root }, {});
    assert.match(actions.join(), /everything was in place, and is finished/);
    await engine.undo({ root: project.root }, {});
    assert.deepEqual(stateOf(project), wrecked);
  });

  it('that was taken back leaves no safety backup to undo to', async () => {
    await interruptAt('uploads-placed');
    await engine.recover({ root: project.root }, {});
    await failsWith('NOTHING_TO_UNDO', engine.undo({ root: project.root }, {}));
  });

  it('of somebody else is shown, and nothing in its journal or its stages is believed', async () => {
    await interruptAt('uploads-placed');
    const journal = readFileSync(join(project.backups, JOURNAL), 'utf8');
    const forged = [
      JSON.stringify({ ...JSON.parse(journal), state: 'done' }),
      journal.replace(/"mark": "..../, '"mark": "0000'),
      '{"version":1,"id":"deadbeef","state":"committing"}',
      '{"half":',
    ];
    const before = filesOf(join(project.root, 'backend'));
    for (const text of forged) {
      writeFileSync(join(project.backups, JOURNAL), text);
      const { waiting } = await engine.list({ root: project.root });
      assert.match(waiting?.message ?? '', /not acted upon/);
      await failsWith('JOURNAL_UNREADABLE', engine.create({ root: project.root }, { trigger: 'manual' }));
      assert.deepEqual(filesOf(join(project.root, 'backend')), before);
    }
    writeFileSync(join(project.backups, JOURNAL), journal);
    await engine.recover({ root: project.root }, {});
    assert.deepEqual(stateOf(project), wrecked);
  });

  it('that was copied with its project is not acted upon', async () => {
    await interruptAt('uploads-placed');
    const copy = `${project.root}-copy`;
    cpSync(project.root, copy, { recursive: true });
    try {
      const before = filesOf(join(project.root, 'backend'));
      assert.match((await engine.list({ root: copy })).waiting?.message ?? '', /not acted upon/);
      assert.deepEqual(filesOf(join(project.root, 'backend')), before);
    } finally {
      rmSync(copy, { recursive: true });
    }
  });

  it('with a link in place of a part of its stage is left alone', async () => {
    await interruptAt('uploads-cleared');
    const stage = readdirSync(project.uploads).find((name) => name.startsWith('.pats-restore-')) ?? '';
    const elsewhere = join(project.root, 'precious');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'cv.pdf'), 'mine');
    const part = join(project.uploads, stage, 'new');
    renameSync(part, `${part}-aside`);
    symlinkSync(elsewhere, part);
    const { waiting } = await engine.recover({ root: project.root }, {});
    assert.match(waiting?.message ?? '', /is a link or a file/);
    assert.deepEqual(readdirSync(elsewhere), ['cv.pdf']);
    rmSync(part);
    renameSync(`${part}-aside`, part);
    await engine.recover({ root: project.root }, {});
    assert.deepEqual(stateOf(project), wrecked);
  });

  it('without its journal is shown as long as its stage holds what was live', async () => {
    await interruptAt('uploads-placed');
    rmSync(join(project.backups, JOURNAL));
    const { waiting } = await engine.list({ root: project.root });
    assert.match(waiting?.message ?? '', /its journal.* is missing\. Files that were live are in/);
  });
});

describe('what looks like a leftover', () => {
  it('is removed only where this user left it', async () => {
    const project = makeProject();
    try {
      for (const name of ['.tmp-draft/chapter.tex', '.tmp-draft-0a1b2c3d-0123456789abcdef/chapter.tex', '.tmp-notes']) {
        mkdirSync(dirname(join(project.backups, name)), { recursive: true });
        writeFileSync(join(project.backups, name), 'mine');
      }
      const before = filesOf(project.backups);
      await engine.list({ root: project.root });
      await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
      const after = filesOf(project.backups);
      assert.deepEqual(Object.fromEntries(Object.keys(before).map((path) => [path, after[path]])), before);
      const finding = (await engine.doctor({ root: project.root })).find(({ message }) => message.includes('not made by this user'));
      assert.equal(finding?.level, 'warning');
      writeUpload(project, 'x', 'x');
    } finally {
      project.remove();
    }
  });
});
