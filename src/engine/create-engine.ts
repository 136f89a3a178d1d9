// Builds the engine: every operation resolves its project, recovers what was left, and runs its protocol under the lock.
import type { BackupList, CreatedBackup, Engine, RestoreParams, RestoreResult, VerifyResult } from './engine';
import { asOnlyWriter, removeBackup } from './backup/backups-folder';
import { checkCreate, createBackup } from './backup/create';
import { realEnvironment, type Environment } from './backup/environment';
import { exportBackup } from './backup/export';
import { importBackup } from './backup/import';
import { findBackup, findGoodBackup, isGood, listBackups, revisionsOf } from './backup/list';
import { writeManifest } from './backup/manifest-file';
import { isoWithOffset } from './backup/name';
import { planPrune, prune, pruneAutomatic } from './backup/prune';
import { recover, recoverIfIdle } from './backup/recover';
import { retentionOf } from './backup/retention-settings';
import { planRestore } from './backup/restore-plan';
import { restoreBackup } from './backup/restore';
import { examine } from './backup/doctor';
import { drill } from './backup/drill';
import { readStorage } from './backup/storage';
import { readStatus } from './backup/status';
import { undoParams } from './backup/undo';
import { writeVerification } from './backup/verification-record';
import { verifyBackup } from './backup/verify';
import { BackupError } from './errors';
import { explained } from './files/explain';
import { findInHistory } from './git/git';
import type { FileRelation } from './migrations/schema';
import { relationOf } from './migrations/schema-state';
import type { OperationOptions } from './operation';
import { checkProject } from './project/check';
import { discover, resolveProject } from './project/discover';
import type { Project, ProjectRequest } from './project/project';
import { checkConnection } from './sqlite/checks';
import { readDatabase } from './sqlite/connection';

/** The engine on the real machine; tests pass an environment of their own. */
export function createEngine(env: Environment = realEnvironment): Engine {
  /** For what only reads: what was left is recovered if nobody else is at work. */
  const reading = async <T>(request: ProjectRequest, work: (project: Project) => Promise<T>): Promise<T> => {
    const project = await resolveProject(request);
    await recoverReadable(env, project);
    return explained(project.backups, () => work(project));
  };
  /** For what changes something: alone, on a checked project, after recovery. `before` sees what must fail without a trace. */
  const writing = async <T>(
    request: ProjectRequest,
    options: OperationOptions,
    before: (project: Project) => unknown,
    work: (project: Project) => Promise<T>,
  ): Promise<T> => {
    const project = await resolveProject(request);
    await checkProject(project);
    await before(project);
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
    recover: async (request) => recoverIfIdle(env, await resolveProject(request)),
    list: (request) => reading(request, (project) => listWithRelations(env, project)),
    show: (request, { name }) =>
      reading(request, async (project) => {
        const backup = await findGoodBackup(env.disk, project.backups, name);
        return { ...backup.manifest, path: backup.path };
      }),
    status: (request) => reading(request, (project) => readStatus(env, project)),
    create: (request, params, options = {}) =>
      writing(
        request,
        options,
        (project) => {
          checkCreate(project, params);
        },
        async (project) => {
          const backup = await createBackup(env, project, params, options);
          await pruneAutomatic(env, project, params.trigger, await retentionOf(project.root));
          return backup;
        },
      ),
    planRestore: (request, params, options = {}) => reading(request, (project) => planRestore(env, project, params, options)),
    restore: (request, params, options = {}) =>
      writing(
        request,
        options,
        (project) => findGoodBackup(env.disk, project.backups, params.name),
        (project) => restoreAndPrune(project, params, options),
      ),
    planUndo: (request, _params, options = {}) =>
      reading(request, async (project) => planRestore(env, project, await undoParams(env, project), options)),
    undo: (request, _params, options = {}) =>
      writing(
        request,
        options,
        (project) => undoParams(env, project),
        async (project) => restoreAndPrune(project, await undoParams(env, project), options),
      ),
    verify: (request, params, options = {}) => reading(request, (project) => verifyBackups(env, project, params, options)),
    remove: (request, { names }, options = {}) =>
      writing(
        request,
        options,
        (project) => requireBackups(env, project, names),
        (project) => removeBackups(env, project, names),
      ),
    setPinned: (request, { names, pinned }) =>
      writing(
        request,
        {},
        (project) => requireBackups(env, project, names),
        (project) => setPinned(env, project, names, pinned),
      ),
    drill: (request, { name }, options = {}) => reading(request, (project) => drill(env, project, name, options)),
    exportBackup: (request, params, options = {}) => reading(request, (project) => exportBackup(env, project, params, options)),
    importBackup: (request, params, options = {}) =>
      writing(
        request,
        options,
        () => undefined,
        (project) => importBackup(env, project, params, options),
      ),
    locateRevision: async ({ root }, { revision }) => {
      const place = await findInHistory(root, revision, MIGRATION_FILES);
      return place === null ? null : { revision, ...place };
    },
    checkLive: async (request) => {
      const { database } = await resolveProject(request);
      return database === null ? { problems: [], foreignKeyViolations: 0 } : readDatabase(database, (db) => checkConnection(db, 'quick'));
    },
    doctor: (request) => examine(env, request),
    storage: (request) => reading(request, async (project) => readStorage(env, project.backups, (await listBackups(env.disk, project.backups)).backups)),
    planPrune: (request, { policy }) => reading(request, async (project) => planPrune(env, project, await retentionOf(project.root, policy))),
    prune: (request, { policy, names }, options = {}) =>
      writing(
        request,
        options,
        () => undefined,
        async (project) => prune(env, project, await retentionOf(project.root, policy), names),
      ),
    setNote: (request, { name, note }) =>
      writing(
        request,
        {},
        (project) => findGoodBackup(env.disk, project.backups, name),
        (project) => setNote(env, project, name, note),
      ),
  };
}

/** Files in which a migration's revision stands. */
const MIGRATION_FILES = ['.py', '.sql', '.js', '.ts', '.rb'];

async function listWithRelations(env: Environment, project: Project): Promise<BackupList> {
  const list = await listBackups(env.disk, project.backups);
  const relations = new Map<string, FileRelation>();
  const relate = (revisions: readonly string[]): FileRelation => {
    const key = revisions.join();
    const relation = relations.get(key) ?? relationOf(revisions, { root: project.root, database: project.database });
    relations.set(key, relation);
    return relation;
  };
  const backups = list.backups.map((entry) => (isGood(entry) && entry.manifest.database_file !== null ? { ...entry, relation: relate(revisionsOf(entry.manifest)) } : entry));
  return { ...list, backups };
}

async function verifyBackups(
  env: Environment,
  project: Project,
  params: { readonly names?: readonly string[]; readonly deep?: boolean },
  options: OperationOptions,
): Promise<VerifyResult[]> {
  const named = params.names ?? [];
  const entries =
    named.length === 0
      ? (await listBackups(env.disk, project.backups)).backups
      : await Promise.all(named.map((name) => findBackup(env.disk, project.backups, name)));
  const results: VerifyResult[] = [];
  for (const entry of entries) {
    if (isGood(entry)) {
      const { problems } = await verifyBackup(env, entry, params.deep === true ? 'deep' : 'normal', options);
      const isDamaged = entry.manifest.database?.damaged === true;
      const all = isDamaged ? [...problems, 'The database was already damaged when this backup was made.'] : problems;
      const found = { ok: all.length === 0, problems: all };
      await writeVerification(env.disk, entry.path, { at: isoWithOffset(env.now()), depth: params.deep === true ? 'deep' : 'normal', ok: found.ok, problems: [...all] });
      results.push({ name: entry.name, ...found });
    } else {
      results.push({ name: entry.name, ok: false, problems: [entry.reason ?? 'It is not a complete backup.'] });
    }
  }
  return results;
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

async function requireBackups(env: Environment, project: Project, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await findBackup(env.disk, project.backups, name);
  }
}

async function removeBackups(env: Environment, project: Project, names: readonly string[]): Promise<string[]> {
  const unique = [...new Set(names)];
  await requireBackups(env, project, unique);
  for (const name of unique) {
    await removeBackup(env.disk, project.backups, name);
  }
  return unique;
}

async function setPinned(env: Environment, project: Project, names: readonly string[], pinned: boolean): Promise<string[]> {
  for (const name of names) {
    const backup = await findGoodBackup(env.disk, project.backups, name);
    await writeManifest(env.disk, backup.path, { ...backup.manifest, pinned });
  }
  return [...names];
}

async function setNote(env: Environment, project: Project, name: string, note: string): Promise<CreatedBackup> {
  const backup = await findGoodBackup(env.disk, project.backups, name);
  const manifest = { ...backup.manifest, note };
  await writeManifest(env.disk, backup.path, manifest);
  return { ...manifest, path: backup.path };
}
