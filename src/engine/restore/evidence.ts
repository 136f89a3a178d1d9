// Whether an interrupted restore had replaced the database: told by what its journal recorded before, never by a guess.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { schemaVersion } from '../sqlite/in-place';
import { samePages } from '../sqlite/same-pages';
import { takeSnapshot } from '../sqlite/snapshot';
import type { Environment } from '../store/environment';
import { findGoodBackup } from '../store/list';
import { identityOf } from './database';
import type { JournaledDatabase, RestoreJournal } from './journal';
import { databaseStage, uploadsStage } from './stage';

/** `unclear`: it was not as it had been, and not as restored either: somebody has changed its schema since. */
export type Verdict = 'replaced' | 'not replaced' | 'unclear';

/** Reads the live database only where its schema version says that something happened. Fails with DATABASE_LOCKED. */
export async function wasReplaced(env: Environment, backups: string, journal: RestoreJournal): Promise<Verdict> {
  const { state, database } = journal;
  if (state === 'done' || isMarkedPlaced(journal)) {
    return 'replaced';
  }
  if (state !== 'replacing' || database === null) {
    return 'not replaced';
  }
  const { fresh, old } = databaseStage(journal, database.live);
  switch (database.mode) {
    case 'in-place':
      return inPlace(env, backups, journal, database, fresh);
    case 'remove':
      return existsSync(old) ? 'replaced' : 'not replaced';
    case 'create':
    case 'swap':
      return database.staged !== null && identityOf(database.live) === database.staged ? 'replaced' : 'not replaced';
    case 'rewrite':
      // Half of it may be written: only the mark in the stage says that it was all.
      return 'not replaced';
  }
}

/** The mark in the stage that everything is in place: a rename, which needs no room. */
function isMarkedPlaced(journal: RestoreJournal): boolean {
  const [first] = journal.uploads;
  return journal.database === null
    ? first !== undefined && existsSync(uploadsStage(journal, first.live).placed)
    : existsSync(databaseStage(journal, journal.database.live).placed);
}

/** Sets that mark. The restore has happened when this is done, at the latest. */
export async function markPlaced(env: Environment, journal: RestoreJournal): Promise<void> {
  const [first] = journal.uploads;
  if (journal.database === null && first !== undefined) {
    const { incoming, placed } = uploadsStage(journal, first.live);
    await env.disk.rename(incoming, placed);
  } else if (journal.database !== null) {
    const { fresh, placed, root } = databaseStage(journal, journal.database.live);
    await (existsSync(fresh) ? env.disk.rename(fresh, placed) : Promise.resolve());
    await (journal.database.mode === 'rewrite' ? Promise.resolve() : env.disk.syncFolder(root));
  }
}

async function inPlace(
  env: Environment,
  backups: string,
  journal: RestoreJournal,
  { live, schemaVersion: before }: JournaledDatabase,
  fresh: string,
): Promise<Verdict> {
  if (!existsSync(live) || schemaVersion(live) === before) {
    return 'not replaced';
  }
  // Raised by our copy, or by a schema change of somebody else's since: equal pages fit both, whatever happened.
  const now = `${fresh}-now`;
  await env.disk.remove(now);
  try {
    await takeSnapshot(live, now);
    if (existsSync(fresh) && samePages(now, fresh)) {
      return 'replaced';
    }
    const safety = await findGoodBackup(env.disk, backups, journal.safetyBackup);
    const { database_file: file } = safety.manifest;
    return file !== null && samePages(now, join(safety.path, file)) ? 'not replaced' : 'unclear';
  } finally {
    await env.disk.remove(now);
  }
}
