// How an operation is run: its project resolved, what was left recovered, alone where it writes, retention applied at the end.
import { withContainers, type Manner } from './containers/copies';
import { BackupError, reportOf } from './errors';
import type { OperationOptions } from './operation';
import { explained } from './files/explain';
import { checkProject } from './project/check';
import { clearProject, discover, resolveProject, unresolvedProject } from './project/discovery/discovery';
import type { Project, ProjectRequest } from './project/project';
import { liveKey, liveOf, recover, recoverIfIdle, type Recovery } from './restore/recover';
import { pruneAutomatic } from './retention/prune';
import type { Retention } from './retention/retention';
import { retentionOf } from './retention/settings';
import { asOnlyWriter } from './store/backups-folder';
import type { Environment } from './store/environment';
import type { WaitingRestore } from './store/list';
import type { Trigger } from './store/terms';
import { inTurn, ifFree } from './turns';
import { warning, type Warning } from './warnings';
import { dated, said } from './said';

/** What an operation is about: the live data (then it must be clear which database that is), or the backups alone. */
export type Subject = 'live data' | 'backups';

/** One deed, with everything it needs; `waiting` is a restore that could not be finished or taken back. */
export type Deed<Params, Result> = (
  env: Environment,
  project: Project,
  params: Params,
  options: OperationOptions,
  waiting: WaitingRestore | null,
) => Result | Promise<Result>;

export interface WriteRules<Params> {
  /** Sees what must fail without a trace, before the lock is taken. */
  readonly before?: Deed<Params, unknown>;
  /** Backups of this kind are pruned afterwards. */
  readonly prunes?: (params: Params) => Trigger;
  /** How the copies of data in containers are made for it. */
  readonly copies?: Manner;
}

/** A line of the table of operations. */
export interface Operation<Params, Result> {
  /** `asks`: about the place itself, so that nothing is recovered. `reads`: no lock. `writes`: under the lock of the backups folder. */
  readonly access: 'asks' | 'reads' | 'writes';
  run(env: Environment, request: ProjectRequest, params: Params, options: OperationOptions): Promise<Result>;
}

/** What an operation does where the caller may only look; without it, it is refused there. */
export interface LookRules<Params, Result> {
  readonly looking?: Deed<Params, Result>;
}

export interface ReadRules<Params, Result> extends LookRules<Params, Result> {
  /** How the copies of data in containers are made for it; absent: as for a look. */
  readonly copies?: Manner;
}

/** An operation on the place itself: it resolves the project in its own way, or not at all. */
export function asks<Params, Result>(
  run: (env: Environment, request: ProjectRequest, params: Params) => Promise<Result>,
  rules: LookRules<Params, Result> = {},
): Operation<Params, Result> {
  return {
    access: 'asks',
    run: async (env, request, params, options) =>
      request.readOnly === true ? look(env, request, params, options, rules) : run(env, request, params),
  };
}

/** As `asks`, for one that opens the live database or moves live data: nothing else of this process does so meanwhile. */
export function asksAlone<Params, Result>(
  run: (env: Environment, request: ProjectRequest, params: Params) => Promise<Result>,
  rules: LookRules<Params, Result> = {},
): Operation<Params, Result> {
  return asks(async (env, request, params) => {
    // Whoever asks may do so because there is no usable project.
    const key = await projectOf('backups', request).then(liveKey, () => request.root);
    return inTurn(key, () => run(env, request, params));
  }, rules);
}

/** An operation that only reads: what was left is recovered if nobody else is at work; if that cannot be, it answers all the same. */
export function reads<Params, Result>(
  subject: Subject,
  deed: Deed<Params, Result>,
  rules: ReadRules<Params, Result> = {},
): Operation<Params, Result> {
  return {
    access: 'reads',
    run: async (env, request, params, options) => {
      if (request.readOnly === true) {
        return look(env, request, params, options, rules);
      }
      const discovery = await discover(request);
      const recovered = async (): Promise<Recovery> => {
        const recovery = await recoverIfIdle(env, discovery.project);
        env.onRecovered?.(recovery.actions, recovery.waiting);
        return recovery;
      };
      const perform = async (recovery: Recovery | null): Promise<Result> => {
        // What was put back may be the very database that was looked for.
        const found = (recovery?.actions.length ?? 0) === 0 ? discovery : await discover(request);
        const project = subject === 'live data' ? clearProject(found) : found.project;
        const answer = async (reached: Project): Promise<Result> =>
          explained(project.backups, async () => saidOld(reached, await deed(env, reached, params, options, recovery?.waiting ?? null)));
        return subject === 'live data'
          ? withContainers(project, isStill(params) ? 'still' : (rules.copies ?? 'look'), answer)
          : answer(project);
      };
      const key = liveKey(discovery.project);
      return subject === 'live data' ? inTurn(key, async () => perform(await recovered())) : perform(await ifFree(key, recovered));
    },
  };
}

/** An operation that changes something: alone, on a checked project, after recovery. */
export function writes<Params, Result extends object>(
  subject: Subject,
  deed: Deed<Params, Result>,
  { before, prunes, copies = 'still' }: WriteRules<Params> = {},
): Operation<Params, Result> {
  return {
    access: 'writes',
    run: async (env, request, params, options) => {
      if (request.readOnly === true) {
        throw onlyLooking();
      }
      const found = await projectOf(subject, request);
      await checkProject(found);
      // A setting that cannot be used must not be found when everything is done.
      const retention = prunes === undefined ? null : await retentionOf(found.root);
      const perform = async (project: Project): Promise<Result> => {
        await before?.(env, project, params, options, null);
        return asOnlyWriter(env.disk, project.backups, liveOf(project), options.signal, async () => {
          const { waiting } = await recover(env, project);
          refuseWhileWaiting(subject, params, waiting);
          return explained(project.backups, async () => {
            options.onProgress?.({ phase: 'recover', doneBytes: 0, totalBytes: 0, there: await env.disk.list(project.backups) });
            const result = await deed(env, project, params, options, waiting);
            return retention === null || prunes === undefined ? result : pruned(env, project, prunes(params), retention, result);
          });
        });
      };
      return inTurn(liveKey(found), () => (subject === 'live data' ? withContainers(found, copies, perform) : perform(found)));
    },
  };
}

async function look<Params, Result>(
  env: Environment,
  request: ProjectRequest,
  params: Params,
  options: OperationOptions,
  { looking }: LookRules<Params, Result>,
): Promise<Result> {
  if (looking === undefined) {
    throw onlyLooking();
  }
  const project = await unresolvedProject(request);
  return explained(project.backups, async () => looking(env, project, params, options, null));
}

function onlyLooking(): BackupError {
  return new BackupError(
    'REFUSED',
    'This folder is not trusted: its backups are only listed. Nothing was changed.',
    'Trust the folder, then try again.',
  );
}

/** Between two states nothing is backed up or replaced, and the backup that holds the state before is not removed. */
function refuseWhileWaiting(subject: Subject, params: unknown, waiting: WaitingRestore | null): void {
  if (waiting === null) {
    return;
  }
  const names = typeof params === 'object' && params !== null && 'names' in params && Array.isArray(params.names) ? params.names : [];
  if ((subject === 'live data' && waiting.blocks) || names.includes(waiting.safetyBackup)) {
    throw new BackupError(
      waiting.backup === null ? 'JOURNAL_UNREADABLE' : 'RESTORE_INTERRUPTED',
      waiting.message,
      said`Nothing was changed. ${waiting.remedy}`,
    );
  }
}

/** Who decides by the state may have it read at rest. */
function isStill(params: unknown): boolean {
  return typeof params === 'object' && params !== null && 'still' in params && params.still === true;
}

/** Data from a container that may be older than what is there now. */
function saidOld<Result>(project: Project, result: Result): Result {
  const { asOf } = project;
  if (asOf === undefined || typeof result !== 'object' || result === null || !('warnings' in result) || !Array.isArray(result.warnings)) {
    return result;
  }
  const time = new Date(asOf);
  const old = warning(
    'NOT_CURRENT',
    said`The application has written since: this is the state of ${dated(time, time.toTimeString().slice(0, 8))}. It is not paused for this.`,
  );
  return { ...result, warnings: [...(result.warnings as readonly Warning[]), old] };
}

/** The deed is done: that old backups could not be removed is a warning. */
async function pruned<Result extends object>(
  env: Environment,
  project: Project,
  trigger: Trigger,
  retention: Retention,
  result: Result,
): Promise<Result> {
  try {
    await pruneAutomatic(env, project, trigger, retention);
    return result;
  } catch (error) {
    const earlier = 'warnings' in result && Array.isArray(result.warnings) ? (result.warnings as readonly Warning[]) : [];
    const failed = warning('RETENTION_FAILED', said`Old backups could not be removed: ${reportOf(error).message}`);
    return { ...result, warnings: [...earlier, failed] };
  }
}

/** The project of a request, by what the operation is about. */
export async function projectOf(subject: Subject, request: ProjectRequest): Promise<Project> {
  return subject === 'live data' ? resolveProject(request) : (await discover(request)).project;
}
