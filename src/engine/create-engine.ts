// Builds the engine from its table of operations: one line each, with what it does to the project and which deed it is.
import { compareStates } from './compare/compare';
import { findRows, logTable } from './compare/history';
import { lookInside } from './compare/inside';
import { findContainer, switchContainer } from './containers/container';
import { withContainers } from './containers/copies';
import { checkCreate, createBackup, requireDatabase } from './create/create';
import { examine } from './diagnosis/doctor';
import { readMigrationMap } from './diagnosis/migration-map';
import { readStatus } from './diagnosis/status';
import type { Engine } from './engine';
import { locateRevision } from './history/unknown-revision';
import type { OperationOptions } from './operation';
import { asks, asksAlone, projectOf, reads, writes, type Operation } from './perform';
import { discover, resolveProject, undiscovered } from './project/discovery/discovery';
import type { ProjectRequest } from './project/project';
import { drill } from './restore/drill';
import { planRepair, repair } from './repair/repair';
import { planRestore } from './restore/plan';
import { recoverIfIdle, type Recovery } from './restore/recover';
import { restoreBackup } from './restore/restore';
import { planUndo, undoParams, undoRestore } from './restore/undo';
import { planPrune, prune } from './retention/prune';
import { setNote, setPinned } from './store/annotate';
import { realEnvironment, type Environment } from './store/environment';
import { readIgnoreState } from './store/ignored';
import { listBackups, requireGoodBackup, showBackup } from './store/list';
import { listWithRelations } from './store/relations';
import { removeBackups, requireBackups } from './store/remove';
import { readStorage } from './store/storage';
import { dumpDatabase, requireDump, restoreDump } from './transfer/dump';
import { exportBackup } from './transfer/export';
import { importBackup } from './transfer/import';
import { verifyBackups } from './verify/backups';
import { checkLive } from './verify/live';
import { Traffic } from './traffic';

type Method = keyof Engine;
type Result<M extends Method> = Awaited<ReturnType<Engine[M]>>;
type Params<M extends Method> = Parameters<Engine[M]>[1];

/** Every operation there is: what it may do to the project, which lock it takes by that, and the deed. */
export const OPERATIONS: { readonly [M in Method]: Operation<NonNullable<Params<M>>, Result<M>> } = {
  discover: asks((_env, request) => discover(request), { looking: (_env, project) => undiscovered(project) }),
  recover: asksAlone(async (env, request, params) => recoverIfIdle(env, await projectOf('backups', request), params), {
    looking: (): Recovery => ({ actions: [], waiting: null }),
  }),
  list: reads('backups', async (env, project, _params, _options, waiting) => ({ ...(await listWithRelations(env, project)), waiting }), {
    looking: (env, { backups }) => listBackups(env.disk, backups),
  }),
  show: reads('backups', showBackup, { looking: showBackup }),
  status: reads('live data', async (env, project, params, _options, waiting) => ({ ...(await readStatus(env, project, params)), waiting })),
  create: writes('live data', createBackup, { before: checkCreate, prunes: ({ trigger }) => trigger }),
  planRestore: reads('live data', planRestore, { copies: 'foresee' }),
  restore: writes('live data', restoreBackup, { before: requireGoodBackup, prunes: () => 'safety', copies: 'replace' }),
  planUndo: reads('live data', planUndo, { copies: 'foresee' }),
  undo: writes('live data', undoRestore, { before: undoParams, prunes: () => 'safety', copies: 'replace' }),
  verify: reads('backups', verifyBackups),
  planRepair: reads('backups', planRepair),
  repair: writes('backups', repair, { before: requireGoodBackup }),
  remove: writes('backups', removeBackups, { before: requireBackups }),
  setPinned: writes('backups', setPinned, { before: requireBackups }),
  setNote: writes('backups', setNote, { before: requireGoodBackup }),
  drill: reads('backups', drill),
  dump: writes('live data', dumpDatabase, { before: (_env, project) => requireDatabase(project) }),
  restoreDump: writes('live data', restoreDump, { before: requireDump, prunes: () => 'safety', copies: 'replace' }),
  exportBackup: reads('backups', exportBackup),
  importBackup: writes('backups', importBackup),
  locateRevision: asks(locateRevision, { looking: () => null }),
  checkLive: asksAlone(async (env, request, params) =>
    withContainers(await resolveProject(request), 'still', (project) => checkLive(env, project, params)),
  ),
  ignoreState: asks(async (env, request) => readIgnoreState(env, await projectOf('backups', request))),
  container: asks(async (_env, request) => findContainer(await projectOf('backups', request)), { looking: () => null }),
  switchContainer: asks(async (env, request, { action }) => {
    const project = await resolveProject(request);
    env.beginChange?.();
    return switchContainer(project, action);
  }),
  doctor: asksAlone(examine),
  compare: reads('live data', compareStates),
  lookInside: reads('backups', lookInside),
  migrationMap: reads('live data', readMigrationMap),
  logTable: reads('backups', logTable),
  findRows: reads('backups', findRows),
  storage: reads('backups', readStorage, { looking: readStorage }),
  planPrune: reads('backups', planPrune),
  prune: writes('backups', prune),
};

/** The engine on the real machine; tests pass an environment of their own. */
export function createEngine(
  given: Environment = realEnvironment,
  listeners: Pick<Environment, 'onRecovered' | 'beginChange'> = {},
): Engine {
  const env = { ...given, ...listeners };
  const traffic = new Traffic();
  const methods = Object.entries<Operation<never, unknown>>(OPERATIONS).map(([name, operation]) => [
    name,
    (request: ProjectRequest, params: never, options: OperationOptions = {}) =>
      isBackground(params)
        ? operation.run(env, request, params, { ...options, pause: traffic.pause(options.signal) })
        : traffic.during(() => operation.run(env, request, params, options)),
  ]);
  // The table's type says that each method is there, with its own parameters and result.
  return Object.fromEntries(methods) as Engine;
}

/** Only verification may be asked to give way to everything else. */
function isBackground(params: unknown): boolean {
  return typeof params === 'object' && params !== null && 'background' in params && params.background === true;
}
