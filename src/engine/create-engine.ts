// Builds the engine: every operation resolves its project, recovers what was left, and runs its protocol under the lock.
import { setNote, setPinned } from './store/annotate';
import { asOnlyWriter } from './store/backups-folder';
import { checkCreate, createBackup, requireDatabase } from './create/create';
import { examine } from './diagnosis/doctor';
import { drill } from './restore/drill';
import { dumpDatabase, dumpFile, restoreDump } from './transfer/dump';
import { realEnvironment, type Environment } from './store/environment';
import { exportBackup } from './transfer/export';
import { readIgnoreState } from './store/ignored';
import { importBackup } from './transfer/import';
import { findGoodBackup, listBackups } from './store/list';
import { checkLive } from './verify/live';
import { planPrune, prune, pruneAutomatic } from './retention/prune';
import { recover, recoverIfIdle } from './restore/recover';
import { withRelations } from './store/relations';
import { removeBackups, requireBackups } from './store/remove';
import { restoreBackup } from './restore/restore';
import { planRestore } from './restore/plan';
import { retentionOf } from './retention/settings';
import { readStatus } from './diagnosis/status';
import { readStorage } from './store/storage';
import { undoParams } from './restore/undo';
import { verifyBackups } from './verify/backups';
import { findContainer, switchContainer } from './containers/container';
import type { Engine, RestoreParams, RestoreResult } from './engine';
import { BackupError } from './errors';
import { explained } from './files/explain';
import { findInHistory } from './git/git';
import type { OperationOptions } from './operation';
import { checkProject } from './project/check';
import { discover, resolveProject } from './project/discovery/discovery';
import type { Project, ProjectRequest } from './project/project';

/** Files in which a migration's revision stands. */
const MIGRATION_FILES = ['.py', '.sql', '.js', '.ts', '.rb'];

/** What an operation is about: the live data (then it must be clear which database that is), or the backups alone. */
type Subject = 'live data' | 'backups';

/** The engine on the real machine; tests pass an environment of their own. */
export function createEngine(env: Environment = realEnvironment): Engine {
  /** For what only reads: what was left is recovered if nobody else is at work. */
  const reading = async <T>(subject: Subject, request: ProjectRequest, work: (project: Project) => Promise<T>): Promise<T> => {
    const project = await projectOf(subject, request);
    await recoverReadable(env, project);
    return explained(project.backups, () => work(project));
  };
  /** For what changes something: alone, on a checked project, after recovery. `before` sees what must fail without a trace. */
  const writing = async <T>(
    subject: Subject,
    request: ProjectRequest,
    { options = {}, before }: { readonly options?: OperationOptions; readonly before?: (project: Project) => unknown },
    work: (project: Project) => Promise<T>,
  ): Promise<T> => {
    const project = await projectOf(subject, request);
    await checkProject(project);
    await before?.(project);
    return asOnlyWriter(env.disk, project.backups, options.signal, async () => {
      await recover(env, project);
      return explained(project.backups, () => work(project));
    });
  };
  const restoreAndPrune = async (project: Project, params: RestoreParams, options: OperationOptions): Promise<RestoreResult> => {
    const result = await restoreBackup(env, project, params, options);
    await pruneAutomatic(env, project, 'safety', await retentionOf(project.root));
    return result;
  };

  return {
    discover: (request) => discover(request),
    recover: async (request) => recoverIfIdle(env, await projectOf('backups', request)),
    list: (request) =>
      reading('backups', request, async (project) => {
        const list = await listBackups(env.disk, project.backups);
        return { ...list, backups: withRelations(project, list.backups) };
      }),
    show: (request, { name }) =>
      reading('backups', request, async (project) => {
        const backup = await findGoodBackup(env.disk, project.backups, name);
        return { ...backup.manifest, path: backup.path };
      }),
    status: (request) => reading('live data', request, (project) => readStatus(env, project)),
    create: (request, params, options = {}) => {
      const before = (project: Project): void => {
        checkCreate(project, params);
      };
      return writing('live data', request, { options, before }, async (project) => {
        const backup = await createBackup(env, project, params, options);
        await pruneAutomatic(env, project, params.trigger, await retentionOf(project.root));
        return backup;
      });
    },
    planRestore: (request, params, options = {}) => reading('live data', request, (project) => planRestore(env, project, params, options)),
    restore: (request, params, options = {}) => {
      const before = (project: Project): Promise<unknown> => findGoodBackup(env.disk, project.backups, params.name);
      return writing('live data', request, { options, before }, (project) => restoreAndPrune(project, params, options));
    },
    planUndo: (request, _params, options = {}) =>
      reading('live data', request, async (project) => planRestore(env, project, await undoParams(env, project), options)),
    undo: (request, _params, options = {}) => {
      const before = (project: Project): Promise<unknown> => undoParams(env, project);
      return writing('live data', request, { options, before }, async (project) =>
        restoreAndPrune(project, await undoParams(env, project), options),
      );
    },
    verify: (request, params, options = {}) => reading('backups', request, (project) => verifyBackups(env, project, params, options)),
    remove: (request, { names }, options = {}) => {
      const before = (project: Project): Promise<unknown> => requireBackups(env, project, names);
      return writing('backups', request, { options, before }, (project) => removeBackups(env, project, names));
    },
    setPinned: (request, { names, pinned }) => {
      const before = (project: Project): Promise<unknown> => requireBackups(env, project, names);
      return writing('backups', request, { before }, (project) => setPinned(env, project, names, pinned));
    },
    setNote: (request, { name, note }) => {
      const before = (project: Project): Promise<unknown> => findGoodBackup(env.disk, project.backups, name);
      return writing('backups', request, { before }, (project) => setNote(env, project, name, note));
    },
    drill: (request, { name }, options = {}) => reading('backups', request, (project) => drill(env, project, name, options)),
    dump: (request, params, options = {}) => {
      const before = (project: Project): unknown => requireDatabase(project);
      return writing('live data', request, { options, before }, (project) => dumpDatabase(env, project, params, options));
    },
    restoreDump: (request, params, options = {}) => {
      const before = (project: Project): string => dumpFile(project, params.file);
      return writing('live data', request, { options, before }, async (project) => {
        const result = await restoreDump(env, project, params, options);
        await pruneAutomatic(env, project, 'safety', await retentionOf(project.root));
        return result;
      });
    },
    exportBackup: (request, params, options = {}) => reading('backups', request, (project) => exportBackup(env, project, params, options)),
    importBackup: (request, params, options = {}) =>
      writing('backups', request, { options }, (project) => importBackup(env, project, params, options)),
    locateRevision: async ({ root }, { revision }) => {
      const place = await findInHistory(root, revision, MIGRATION_FILES);
      return place === null ? null : { revision, ...place };
    },
    checkLive: async (request, { since }) => checkLive(env, await resolveProject(request), since),
    ignoreState: async (request) => readIgnoreState((await discover(request)).project),
    container: async (request) => findContainer((await discover(request)).project),
    switchContainer: async (request, { action }) => switchContainer(await resolveProject(request), action),
    doctor: (request) => examine(env, request),
    storage: (request) =>
      reading('backups', request, async (project) =>
        readStorage(env, project.backups, (await listBackups(env.disk, project.backups)).backups),
      ),
    planPrune: (request, { policy }) =>
      reading('backups', request, async (project) => planPrune(env, project, await retentionOf(project.root, policy))),
    prune: (request, { policy, names }, options = {}) =>
      writing('backups', request, { options }, async (project) => prune(env, project, await retentionOf(project.root, policy), names)),
  };
}

async function projectOf(subject: Subject, request: ProjectRequest): Promise<Project> {
  return subject === 'live data' ? resolveProject(request) : (await discover(request)).project;
}

/** An unusable journal must not hide the backups; whoever wants to change something hears of it. */
async function recoverReadable(env: Environment, project: Project): Promise<void> {
  try {
    await recoverIfIdle(env, project);
  } catch (error) {
    if (!(error instanceof BackupError) || error.code !== 'JOURNAL_UNREADABLE') {
      throw error;
    }
  }
}
