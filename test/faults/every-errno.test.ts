// Whatever number a disk fails with, at whatever call of whatever verb: the answer is a sentence of its own, and it is true.
import assert from 'node:assert/strict';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { createEngine } from '../../src/engine/create-engine';
import { BackupError, reportOf } from '../../src/engine/errors';
import { realDisk, type Disk } from '../../src/engine/files/disk';
import { realEnvironment } from '../../src/engine/store/environment';
import { execute, makeProject, stateOf, wreck, type PatsProject } from '../support/pats-project';
import { Chance } from '../support/random';
import { isWhole, positions, seed, share } from '../support/seed';

const engine = createEngine();
const chance = new Chance(seed);

/** What disks give, and what the system gives on the way to them; the last one is of a kind that nobody has thought of. */
const CODES = ['EIO', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENODEV', 'ESTALE', 'EMFILE', 'ENOMEM', 'ENOENT', 'EOVERFLOW'] as const;
const CALLS = (Object.keys(realDisk) as (keyof Disk)[]).filter((name) => typeof realDisk[name] === 'function');

interface Verb {
  prepare(project: PatsProject): unknown;
  run(mortal: typeof engine, project: PatsProject): Promise<unknown>;
}

const at = ({ root }: PatsProject): { root: string } => ({ root });
const create = (project: PatsProject, name: string): unknown => engine.create(at(project), { trigger: 'manual', name });
const nothing = (): undefined => undefined;
const dumpFile = (project: PatsProject): string => join(project.root, 'state.sql');
const exported = (project: PatsProject): string => join(project.root, 'good.zip');

const VERBS: Readonly<Record<string, Verb>> = {
  backup: { prepare: nothing, run: (mortal, project) => mortal.create(at(project), { trigger: 'manual', name: 'second' }) },
  restore: { prepare: wreck, run: (mortal, project) => mortal.restore(at(project), { name: 'good', scope: 'all' }) },
  'restore of a part': {
    prepare: ({ database }) => {
      execute(database, 'DELETE FROM applications');
    },
    run: (mortal, project) =>
      mortal.restore(at(project), { name: 'good', scope: 'all', tables: ['applications'], files: ['uploads/cv.pdf'] }),
  },
  delete: { prepare: (project) => create(project, 'second'), run: (mortal, project) => mortal.remove(at(project), { names: ['second'] }) },
  prune: {
    prepare: (project) => create(project, 'second'),
    run: async (mortal, project) => {
      const policy = { keepLast: 1 };
      const plan = await engine.planPrune(at(project), { policy });
      return mortal.prune(at(project), { policy, names: plan.filter(({ action }) => action === 'remove').map(({ name }) => name) });
    },
  },
  dump: { prepare: nothing, run: (mortal, project) => mortal.dump(at(project), { file: dumpFile(project) }) },
  'restore-dump': {
    prepare: async (project) => {
      await engine.dump(at(project), { file: dumpFile(project) });
      wreck(project);
    },
    run: (mortal, project) => mortal.restoreDump(at(project), { file: dumpFile(project) }),
  },
  export: { prepare: nothing, run: (mortal, project) => mortal.exportBackup(at(project), { name: 'good', file: exported(project) }) },
  import: {
    prepare: (project) => engine.exportBackup(at(project), { name: 'good', file: exported(project) }),
    run: (mortal, project) => mortal.importBackup(at(project), { file: exported(project) }),
  },
  pin: { prepare: nothing, run: (mortal, project) => mortal.setPinned(at(project), { names: ['good'], pinned: true }) },
};

/** One call fails, and all later ones too when the disk stays broken. */
function brokenDisk(code: string, fault: number, stays: boolean): { readonly disk: Disk; readonly calls: () => number } {
  let calls = 0;
  const failing = (name: keyof Disk): unknown => {
    return (path: unknown, ...rest: never[]): unknown => {
      calls++;
      if (calls === fault || (stays && calls > fault)) {
        const error = Object.assign(new Error(`${code}: the disk of the test fails`), { code, syscall: name, path: String(path) });
        if (name.endsWith('Now')) {
          throw error;
        }
        return Promise.reject(error);
      }
      return (realDisk[name] as (...all: unknown[]) => unknown)(path, ...rest);
    };
  };
  const methods = Object.fromEntries(CALLS.map((name) => [name, failing(name)])) as unknown as Omit<Disk, 'many'>;
  return { disk: { ...methods, many: realDisk.many }, calls: () => calls };
}

/** Everything that a verb may change, safety backups aside. */
async function everything(project: PatsProject): Promise<unknown> {
  const { backups } = await engine.list(at(project));
  const shown = backups.filter(({ manifest }) => manifest?.trigger !== 'safety');
  return {
    live: stateOf(project),
    backups: shown.map(({ name, status, manifest }) => `${name} ${status} ${String(manifest?.pinned)}`),
    dump: existsSync(dumpFile(project)),
    exported: existsSync(exported(project)),
  };
}

describe(`a disk that fails with any number (seed ${String(seed)})`, () => {
  for (const [name, verb] of Object.entries(VERBS)) {
    it(`is told as what it is, and what was changed is told truly: ${name}`, async function () {
      this.timeout(isWhole ? 1_800_000 : 120_000);
      const project = makeProject({ journalMode: 'delete' });
      const kept = `${project.root}-kept`;
      try {
        await create(project, 'good');
        await verb.prepare(project);
        cpSync(project.root, kept, { recursive: true, preserveTimestamps: true });
        const before = await everything(project);
        const attempt = async (code: string, fault: number, stays: boolean): Promise<number> => {
          rmSync(project.root, { recursive: true, force: true });
          cpSync(kept, project.root, { recursive: true, preserveTimestamps: true });
          const { disk, calls } = brokenDisk(code, fault, stays);
          const outcome: unknown = await verb.run(createEngine({ ...realEnvironment, disk }), project).catch((error: unknown) => {
            assert.ok(error instanceof Error);
            return error;
          });
          const what = `${code} at call ${String(fault)}${stays ? ' and ever after' : ''}`;
          const said = outcome instanceof Error ? JSON.stringify(reportOf(outcome)) : JSON.stringify(outcome);
          assert.doesNotMatch(said, /unexpected|the disk of the test/, what);
          await engine.recover(at(project), {});
          if (outcome instanceof Error && !(outcome instanceof BackupError && outcome.code === 'RESTORE_INTERRUPTED')) {
            const after = await everything(project);
            assert.ok(isDeepStrictEqual(after, before), `${what}: something has changed, and the answer is ${said}`);
          }
          return calls();
        };
        const calls = await attempt('EIO', 0, false);
        for (const fault of positions(calls, share(7, calls), chance)) {
          for (const code of isWhole ? CODES : [chance.of(CODES)]) {
            await attempt(code, fault, chance.is(0.5));
          }
        }
      } finally {
        rmSync(kept, { recursive: true, force: true });
        project.remove();
      }
    });
  }
});
