// How an operation is run: its project resolved, what was left recovered, alone where it writes, retention applied at the end.
import { BackupError } from './errors';
import type { OperationOptions } from './operation';
import { checkProject } from './project/check';
import { discover, resolveProject, unresolvedProject } from './project/discovery/discovery';
import type { Project, ProjectRequest } from './project/project';
import { recover, recoverReadable } from './restore/recover';
import { pruneAutomatic } from './retention/prune';
import { retentionOf } from './retention/settings';
import { asOnlyWriter } from './store/backups-folder';
import type { Environment } from './store/environment';
import type { Trigger } from './store/manifest';
import { explained } from './files/explain';

/** What an operation is about: the live data (then it must be clear which database that is), or the backups alone. */
export type Subject = 'live data' | 'backups';

/** One deed, with everything it needs. */
export type Deed<Params, Result> = (
  env: Environment,
  project: Project,
  params: Params,
  options: OperationOptions,
) => Result | Promise<Result>;

export interface WriteRules<Params> {
  /** Sees what must fail without a trace, before the lock is taken. */
  readonly before?: Deed<Params, unknown>;
  /** Backups of this kind are pruned afterwards. */
  readonly prunes?: (params: Params) => Trigger;
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

/** An operation that only reads: what was left is recovered if nobody else is at work. */
export function reads<Params, Result>(
  subject: Subject,
  deed: Deed<Params, Result>,
  rules: LookRules<Params, Result> = {},
): Operation<Params, Result> {
  return {
    access: 'reads',
    run: async (env, request, params, options) => {
      if (request.readOnly === true) {
        return look(env, request, params, options, rules);
      }
      const project = await projectOf(subject, request);
      await recoverReadable(env, project);
      return explained(project.backups, async () => deed(env, project, params, options));
    },
  };
}

/** An operation that changes something: alone, on a checked project, after recovery. */
export function writes<Params, Result>(
  subject: Subject,
  deed: Deed<Params, Result>,
  { before, prunes }: WriteRules<Params> = {},
): Operation<Params, Result> {
  return {
    access: 'writes',
    run: async (env, request, params, options) => {
      if (request.readOnly === true) {
        throw onlyLooking();
      }
      const project = await projectOf(subject, request);
      await checkProject(project);
      await before?.(env, project, params, options);
      return asOnlyWriter(env.disk, project.backups, options.signal, async () => {
        await recover(env, project);
        return explained(project.backups, async () => {
          const result = await deed(env, project, params, options);
          if (prunes !== undefined) {
            await pruneAutomatic(env, project, prunes(params), await retentionOf(project.root));
          }
          return result;
        });
      });
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
  return explained(project.backups, async () => looking(env, project, params, options));
}

function onlyLooking(): BackupError {
  return new BackupError(
    'REFUSED',
    'This folder is not trusted: its backups are only listed. Nothing was changed.',
    'Trust the folder, then try again.',
  );
}

/** The project of a request, by what the operation is about. */
export async function projectOf(subject: Subject, request: ProjectRequest): Promise<Project> {
  return subject === 'live data' ? resolveProject(request) : (await discover(request)).project;
}
