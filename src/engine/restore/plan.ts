// What a restore would do, decided without changing anything: for the dialog, `--dry-run` and the tests.
import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import { unfitText } from '../files/fitting';
import { describeSnapshot } from '../migrations/state/state';
import type { OperationOptions } from '../operation';
import type { Project } from '../project/project';
import type { Environment } from '../store/environment';
import { findGoodBackup, revisionsOf, type GoodBackup } from '../store/list';
import { missingText } from '../store/flaws';
import {
  brokenText,
  narrowed,
  neededTables,
  partOf,
  partResult,
  partWarnings,
  scopeOf,
  tryPart,
  type PartResult,
  type RestorePart,
} from './part';
import type { TakenBack } from '../sqlite/take-back';
import { backupsObstacles, obstaclesNow } from './obstacles';
import { roomObstacles } from './room';
import { liveKey } from './seen';
import { keptWarnings, movedAwayWarnings, restoreTarget, targetProject, type ReplaceMode, type RestoreTarget } from './target';
import { stoppingObstacle, stoppingWarnings } from './stopping';
import { lossesOf, unfitNamesOf } from './unfit';
import { verifyAndKeep } from '../verify/keep';
import { warning, warningsOf, type Warned, type Warning } from '../warnings';
import { leftOutWarnings } from './uploads';
import { remarksOn } from './uploads-obstacles';
import type { RestoreParams, RestoreScope } from './target';
import type { BackupEntry } from '../store/list';
import { said } from '../said';

/** What a restore would do, for the dialog, `--dry-run` and the tests. */
export interface RestorePlan extends Warned {
  readonly backup: BackupEntry;
  readonly scope: RestoreScope;
  /** Absolute paths that will be replaced; in a container: SERVICE:PATH. */
  readonly replaces: readonly string[];
  /** Those of them that do not exist now. */
  readonly creates?: readonly string[];
  readonly database: ReplaceMode | 'untouched';
  readonly uploads: 'replace' | 'untouched';
  /** Empty when the backup passed verification. */
  readonly problems: readonly string[];
  /** What would keep the restore from being done now; part of the warnings. */
  readonly obstacles?: readonly string[];
  /** What would come back, where only a part is restored. */
  readonly part?: PartResult;
  /** The state of what would be replaced, as a key: a restore that gets it as `seen` replaces that state and no other. */
  readonly live?: string;
  /** Revisions in the live database and in the backup. */
  readonly revisionsBefore: readonly string[];
  readonly revisionsAfter: readonly string[];
}

/** The plan of a restore: verified source, what is replaced, revisions on both sides. */
export async function planRestore(
  env: Environment,
  project: Project,
  params: RestoreParams,
  options: OperationOptions,
): Promise<RestorePlan> {
  const backup = await findGoodBackup(env.disk, project.backups, params.name);
  const part = partOf(params);
  const scope = scopeOf(part, params.scope);
  const target = await narrowed(env, restoreTarget(project, backup, scope), backup, part);
  // Before anything is read: what is written from here on is not in what is shown.
  const live = await liveKey(env, target);
  const verification = await verifyAndKeep(env, project.backups, backup, 'normal', options);
  const aimed = targetProject(project, target);
  const before = liveRevisions(aimed);
  const taken = part === null ? null : await tryPart(target, backup, part, options);
  const unfit = unfitText(await unfitNamesOf(env, target, backup));
  const obstacles = [
    ...verification.inUse,
    ...[await stoppingObstacle(project)].flatMap((obstacle) => (obstacle === null ? [] : [obstacle.message])),
    ...(await obstaclesNow(env, target)),
    ...(await backupsObstacles(project)),
    ...(await roomObstacles(env, aimed, target, backup, { isPart: part !== null, isAsListed: verification.problems.length === 0 })),
    ...(unfit === null ? [] : [unfit]),
    ...(taken === null || taken.broken.length === 0 ? [] : [brokenText(taken)]),
  ];
  const replacedUploads = target.uploads.flatMap(({ live, only }) => (only === undefined ? [live] : only.map((path) => join(live, path))));
  const named = (path: string): string => nameOf(project, path);
  const replaces = [...(target.database === null ? [] : [target.database.live]), ...replacedUploads];
  return {
    backup,
    scope,
    replaces: replaces.map(named),
    creates: replaces.filter((path) => !existsSync(path)).map(named),
    database: target.database?.mode ?? 'untouched',
    uploads: target.uploads.length > 0 ? 'replace' : 'untouched',
    problems: verification.problems,
    warnings: [
      ...warningsOf('OBSTACLE', obstacles),
      ...verification.warnings,
      ...(await stoppingWarnings(project)),
      ...(taken === null ? [] : partWarnings(taken)),
      ...foreseen(target),
      ...movedAwayWarnings(target),
      ...missingFrom(backup, target),
      ...(await leftOutWarnings(env, target, backup)),
      ...keptWarnings(target),
      ...(await lossesOf(env, target, backup)),
      ...(await remoteWarnings(env, target)),
      ...(await remarksOn(env, target)),
    ],
    obstacles,
    live,
    ...(taken && { part: { ...partResult(taken, target), ...needsOf(taken, part) } }),
    revisionsBefore: before,
    revisionsAfter: target.database === null || taken !== null ? before : revisionsOf(backup.manifest),
  };
}

/** What is a copy here is called by its place in the container. */
function nameOf({ copies = {}, throughService }: Project, path: string): string {
  const [copy, place] =
    Object.entries({ ...copies, ...throughService?.hosts }).find(([each]) => path === each || path.startsWith(join(each, sep))) ?? [];
  return copy === undefined || place === undefined ? path : place + path.slice(copy.length).split(sep).join('/');
}

function needsOf(taken: TakenBack, part: RestorePart | null): Pick<PartResult, 'needs'> {
  const needs = neededTables(taken, part?.tables ?? []);
  return needs.length === 0 ? {} : { needs };
}

/** What the live database says it has; empty when it cannot say. */
export function liveRevisions(project: Project): readonly string[] {
  if (project.database === null || !existsSync(project.database)) {
    return [];
  }
  return describeSnapshot(project.database, project).revisions;
}

/** Locks hold between machines only as well as the file system carries them (https://www.sqlite.org/faq.html#q5). */
async function remoteWarnings({ disk }: Environment, { database }: RestoreTarget): Promise<Warning[]> {
  const remote = database?.mode === 'in-place' ? await disk.remoteKind(database.live).catch(() => null) : null;
  return remote === null
    ? []
    : [
        warning(
          'REMOTE_FILE_SYSTEM',
          said`The database lies on a ${remote} file system, where SQLite's locks may not reach other machines: stop the application while you restore.`,
        ),
      ];
}

function foreseen(target: RestoreTarget): Warning[] {
  switch (target.database?.mode) {
    case 'swap':
      return [
        warning(
          'DATABASE_UNREADABLE',
          'The live file cannot be read as a SQLite database. It is kept in the safety backup as it is. Stop the application before you restore.',
        ),
      ];
    case 'rewrite':
      return [
        warning(
          'DATABASE_UNREADABLE',
          'The live file is mounted by itself and cannot be read as a SQLite database: it is rewritten. Stop the application before you restore.',
        ),
      ];
    case 'remove':
      return [warning('DATABASE_REMOVED', 'There was no database at that time: the live one is removed, and kept in the safety backup.')];
    case 'in-place':
    case 'create':
    case undefined:
      return [];
  }
}

/** What a restore of the uploads cannot bring back, because the backup never had it. */
export function missingFrom(backup: GoodBackup, target: RestoreTarget): Warning[] {
  const folders = target.uploads.map(({ folder }) => folder);
  const partial = (backup.manifest.partial ?? []).filter(({ path }) => folders.includes(path.split('/', 1)[0] ?? ''));
  return partial.length === 0
    ? []
    : [
        warning(
          'FILES_MISSING',
          said`The backup is not complete: it lacks ${missingText(partial)}. A restore cannot bring back what is not in it; what is live now is kept in the safety backup.`,
        ),
      ];
}
