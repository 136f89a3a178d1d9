// What became of an operation whose engine ended under it: the backups folder and the journal say so, and nobody guesses.
import { statSync } from 'node:fs';
import type { BackupEntry, BackupList, CreateParams, Engine, ProjectRequest, Recovery, RepairParams } from '../engine/engine';
import { BackupError, cancelled } from '../engine/errors';
import { warning } from '../engine/warnings';
import { restoreAftermath, settled, type EndedUnder } from './aftermath';
import { newFileOf } from './beginning';
import { METHODS, type Method, type MethodTraits } from './protocol';
import { said } from '../engine/said';

export { Beginning } from './beginning';

const TRY_AGAIN = 'Try again. The log says why the engine stopped.';

interface Look {
  readonly engine: Engine;
  readonly project: ProjectRequest;
  readonly params: unknown;
  readonly ended: EndedUnder;
  readonly recovery: Recovery;
  readonly list: BackupList;
}

/** What the disk says: it was done, and this is the result; it was not; or what is known instead, in a sentence. */
type Became = { readonly result: unknown } | { readonly undone: string } | { readonly known: string; readonly remedy: string };

/** How each deed that changes something is told from one that did not take place. */
const DEEDS: Partial<Record<Method, (look: Look) => Became | Promise<Became>>> = {
  create: (look) => newBackup(look, 'No backup was made, and the live data was not touched.', isCreated),
  importBackup: (look) => newBackup(look, 'Nothing was imported.', isImported),
  remove: (look) => deletion(look),
  prune: (look) => deletion(look),
  setPinned: pinning,
  setNote: noting,
  dump: ({ params, project, ended, list }) => {
    const chosen = list.dumps.find(({ name }) => ended.beginning.isNew(name))?.path;
    return newFile(newFileOf('dump', project, params) ?? chosen, ended, 'dump');
  },
  exportBackup: ({ params, project, ended }) => newFile(newFileOf('exportBackup', project, params), ended, 'exported file'),
  repair: ({ params }) => ({
    known: 'Every damaged file has either been replaced completely or was left as it was.',
    remedy: said`Run “repair” for "${(params as RepairParams).name}" again: it goes on with what is still damaged.`,
  }),
  switchContainer: () => ({
    known: 'Whether the service was stopped or started is not known.',
    remedy: 'Look at it with: docker compose ps',
  }),
};

/**
 * The result of an operation that had been done when its engine ended; otherwise fails with what is true. `engine` runs in
 * another process or thread than the one that ended, which has settled what was left by the first answer.
 */
export async function resultAfter(
  engine: Engine,
  method: Method,
  project: ProjectRequest,
  params: unknown,
  ended: EndedUnder,
): Promise<unknown> {
  const { repeatable, replaces = false }: MethodTraits = METHODS[method];
  if (replaces) {
    return restoreAftermath(engine, project, ended);
  }
  const deed = DEEDS[method];
  if (repeatable || deed === undefined) {
    throw stopped(
      ended,
      method === 'recover' ? 'What it had finished stays so.' : 'It was only looking: no data was changed.',
      [],
      ended.recover,
    );
  }
  const recovery = await settled(engine, project).catch(() => null);
  const list = recovery === null ? null : await engine.list(project).catch(() => null);
  if (recovery === null || list === null) {
    throw stopped(ended, 'Whether it had been done could not be found out yet.', [], ended.recover);
  }
  const became = await deed({ engine, project, params, ended, recovery, list });
  if ('result' in became) {
    return became.result;
  }
  if ('known' in became) {
    throw stopped(ended, became.known, recovery.actions, became.remedy);
  }
  if (ended.wasCancelled) {
    throw cancelled();
  }
  const actions = recovery.isBusy === true ? ['What had been begun is removed by a later command.'] : recovery.actions;
  throw stopped(ended, became.undone, actions, TRY_AGAIN);
}

function stopped({ cause, wasCancelled }: EndedUnder, known: string, actions: readonly string[], remedy: string): BackupError {
  const what = wasCancelled ? 'The operation was stopped.' : 'The backup engine stopped before it had answered.';
  return new BackupError(wasCancelled ? 'CANCELLED' : 'ENGINE_STOPPED', [what, known, ...actions].join(' '), remedy, { cause });
}

async function newBackup(look: Look, undone: string, isIt: (entry: BackupEntry, look: Look) => boolean): Promise<Became> {
  const made = look.list.backups.find((entry) => entry.status === 'ok' && isIt(entry, look));
  if (made === undefined) {
    return { undone };
  }
  const backup = await look.engine.show(look.project, { name: made.name });
  const late = warning(
    'CLEAN_UP_FAILED',
    'The backup engine stopped when the backup was complete. Old backups are deleted by a later command.',
  );
  return { result: { ...backup, warnings: [...backup.warnings, late] } };
}

function isCreated({ name, manifest }: BackupEntry, { params, ended }: Look): boolean {
  const { trigger, name: wanted } = params as CreateParams;
  const isOurs = manifest?.trigger === trigger && manifest.backup_name === name && manifest.imported_at === undefined;
  return isOurs && (wanted === undefined || wanted === name) && ended.beginning.isNew(name);
}

function isImported({ name, manifest }: BackupEntry, { ended }: Look): boolean {
  return manifest?.imported_at !== undefined && ended.beginning.isNew(name);
}

/** What is gone was deleted: a backup vanishes by one rename, before its files do. */
function deletion({ params, list }: Look): Became {
  const { names } = params as { readonly names: readonly string[] };
  const gone = [...new Set(names)].filter((name) => !list.backups.some((entry) => entry.name === name));
  return gone.length > 0 ? { result: gone } : { undone: 'No backup was deleted.' };
}

function pinning({ params, list }: Look): Became {
  const { names, pinned } = params as { readonly names: readonly string[]; readonly pinned: boolean };
  const done = names.filter((name) => list.backups.some((entry) => entry.name === name && (entry.manifest?.pinned ?? false) === pinned));
  return done.length > 0 ? { result: done } : { undone: 'No backup was changed.' };
}

async function noting({ engine, project, params }: Look): Promise<Became> {
  const { name, note } = params as { readonly name: string; readonly note: string };
  const backup = await engine.show(project, { name });
  return backup.note === note ? { result: backup } : { undone: 'No note was changed.' };
}

/** Files get their names by a rename when they are complete. */
function newFile(file: string | undefined, ended: EndedUnder, what: string): Became {
  const stats = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false });
  return file !== undefined && stats?.isFile() === true && ended.beginning.writesFile
    ? { known: said`The ${what} ${file} is complete.`, remedy: 'Nothing is left to do.' }
    : { undone: said`No ${what} was written.` };
}
