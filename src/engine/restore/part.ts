// A restore of tables, rows or files instead of everything: what it replaces, and how the new database is made for it.
import { BackupError } from '../errors';
import { walkTree } from '../files/tree';
import { basename, join } from 'node:path';
import { takeBack, requireTable, type TakenBack, type TakenTable } from '../sqlite/take-back';
import { refill } from '../sqlite/in-place';
import { folded, isSameName } from '../sqlite/same-name';
import { makeScratch } from '../sqlite/scratch';
import { takeSnapshot } from '../sqlite/snapshot';
import { readAtRest } from '../sqlite/at-rest';
import type { OperationOptions } from '../operation';
import { isTaken } from '../store/backups-folder';
import type { Environment } from '../store/environment';
import { findGoodBackup, type GoodBackup } from '../store/list';
import { readFileList } from '../store/manifest-file';
import { warning, type Warning } from '../warnings';
import { identityOf } from './database';
import type { RestoreJournal } from './journal';
import { databaseStage, type DatabaseStage } from './stage';
import type { RestoreParams, RestoreScope, RestoreTarget } from './target';
import { said } from '../said';

/** Where no tables are restored. */
export const NOTHING_TAKEN: TakenBack = { tables: [], broken: [], staleIndexes: [] };

export interface RestorePart {
  readonly tables: readonly string[];
  readonly where?: string;
  readonly missing?: boolean;
  readonly files: readonly string[];
}

/** What a restore of a part brings back. */
export interface PartResult {
  readonly tables: readonly Pick<TakenTable, 'name' | 'added' | 'changed' | 'removed'>[];
  /** Files as `diff` names them. */
  readonly files: readonly string[];
  /** Of a plan: tables that have to come back too, because rows would refer to missing ones. */
  readonly needs?: readonly string[];
}

/** The part that is asked for; null: everything of the scope. Fails with USAGE. */
export function partOf(params: Pick<RestoreParams, 'tables' | 'where' | 'missing' | 'files'>): RestorePart | null {
  const { tables = [], where, missing, files = [] } = params;
  const refuse = (message: string, remedy: string): never => {
    throw new BackupError('USAGE', message, said`Nothing was changed. ${remedy}`);
  };
  if (where !== undefined && tables.length !== 1) {
    refuse('A condition on rows belongs to one table.', 'Name one table.');
  }
  if (missing === true && tables.length === 0) {
    refuse('Rows that are gone come back into tables.', 'Name the tables.');
  }
  const names = [...new Map(tables.map((table) => [folded(table), table])).values()];
  return tables.length + files.length === 0
    ? null
    : { tables: names, files, ...(where !== undefined && { where }), ...(missing !== undefined && { missing }) };
}

export function scopeOf(part: RestorePart | null, scope: RestoreScope): RestoreScope {
  return part === null ? scope : part.files.length === 0 ? 'database' : part.tables.length === 0 ? 'uploads' : 'all';
}

/** The target without what the part leaves alone. Fails with NOTHING_TO_RESTORE when the backup lacks a table or a file. */
export async function narrowed(
  env: Environment,
  target: RestoreTarget,
  backup: GoodBackup,
  part: RestorePart | null,
): Promise<RestoreTarget> {
  if (part === null) {
    return target;
  }
  if (part.tables.length > 0) {
    requireTables(target, backup, part);
  }
  const chosen = part.files.length === 0 ? new Map<string, string[]>() : await chooseFiles(env, backup, part.files);
  const uploads = target.uploads.flatMap((each) => {
    const only = chosen.get(each.folder);
    return only === undefined ? [] : [{ ...each, only }];
  });
  return { database: part.tables.length > 0 ? target.database : null, uploads };
}

function requireTables({ database }: RestoreTarget, { name, path, manifest }: GoodBackup, { tables, where }: RestorePart): void {
  if (database?.mode !== 'in-place' || manifest.database_file === null || manifest.database?.damaged === true) {
    throw new BackupError(
      'NOTHING_TO_RESTORE',
      said`Tables of "${name}" cannot be put into the live database: one of both is missing or cannot be read.`,
      'Nothing was changed. Restore the whole backup.',
    );
  }
  // A copy where opening the file would leave something beside it.
  readAtRest(join(path, manifest.database_file), (db) => {
    tables.forEach((table) => requireTable(db, table, where));
  });
}

/** The files of the backup that are chosen, by upload folder; a folder stands for everything in it. */
async function chooseFiles({ disk }: Environment, backup: GoodBackup, files: readonly string[]): Promise<Map<string, string[]>> {
  const { manifest, path } = backup;
  const listed = await readFileList(disk, path, manifest);
  const known = [
    ...(listed?.map((entry) => entry.path) ?? (await walkTree(disk, join(path, 'uploads'))).files.map((file) => `uploads/${file.path}`)),
    ...(manifest.links ?? []).map((link) => link.path),
  ];
  const chosen = new Map<string, Set<string>>();
  for (const wish of files) {
    const wanted = wish.replace(/^\.\//, '').replace(/\/+$/, '');
    const found = known.filter((each) => each === wanted || each.startsWith(`${wanted}/`));
    if (found.length === 0) {
      throw new BackupError(
        'NOTHING_TO_RESTORE',
        said`The backup "${backup.name}" has no file ${wish}.`,
        'Nothing was changed. Name files as "pats-backup diff <name> --uploads" does.',
      );
    }
    for (const each of found) {
      const [folder = '', ...rest] = each.split('/');
      chosen.set(folder, (chosen.get(folder) ?? new Set()).add(rest.join('/')));
    }
  }
  return new Map([...chosen].map(([folder, paths]) => [folder, [...paths].sort()]));
}

/**
 * Makes the staged database: what the safety backup holds, with the part of the backup in it. Fails with REFERENCES_BROKEN
 * and ROWS_CONFLICT. May be run again, when somebody has written meanwhile.
 */
export async function stagePart(env: Environment, backups: string, journal: RestoreJournal, part: RestorePart): Promise<TakenBack> {
  const { database } = journal;
  if (database === null || part.tables.length === 0) {
    return NOTHING_TAKEN;
  }
  const stage = databaseStage(journal, database.live);
  const { fresh, root } = stage;
  const taken = await makePart(env, backups, journal.safetyBackup, part, stage, fresh);
  await env.disk.sync(fresh);
  await env.disk.syncFolder(root);
  database.staged = identityOf(fresh);
  return taken;
}

/** The same when the database of the safety backup was taken again, and the replacement has the staged one open already. */
export async function restagePart(env: Environment, backups: string, journal: RestoreJournal, part: RestorePart): Promise<TakenBack> {
  const { database } = journal;
  if (database === null || part.tables.length === 0) {
    return NOTHING_TAKEN;
  }
  const stage = databaseStage(journal, database.live);
  const { fresh } = stage;
  const again = `${fresh}-again`;
  try {
    const taken = await makePart(env, backups, journal.safetyBackup, part, stage, again);
    await refill(again, fresh);
    return taken;
  } finally {
    await env.disk.remove(again);
  }
}

/** Makes the file `made`; one that is there is made anew. */
async function makePart(
  env: Environment,
  backups: string,
  safetyBackup: string,
  part: RestorePart,
  { root, fresh, whole }: DatabaseStage,
  made: string,
): Promise<TakenBack> {
  if (!(await isTaken(env.disk, root, basename(whole)))) {
    await env.disk.rename(fresh, whole);
  }
  const safety = await findGoodBackup(env.disk, backups, safetyBackup);
  if (safety.manifest.database_file === null || safety.manifest.database?.damaged === true) {
    throw new BackupError(
      'DATABASE_DAMAGED',
      'The live database is damaged: no part of a backup can be put into it.',
      'Nothing was changed. Restore the whole backup.',
    );
  }
  await env.disk.remove(made);
  await env.disk.copy(join(safety.path, safety.manifest.database_file), made);
  await env.disk.setMode(made, 0o600);
  const taken = takeBack(made, whole, part);
  requireUnbroken(taken, part);
  return taken;
}

/** What a part would do now, tried on copies. */
export async function tryPart(target: RestoreTarget, backup: GoodBackup, part: RestorePart, options: OperationOptions): Promise<TakenBack> {
  const { database_file: file } = backup.manifest;
  if (target.database === null || file === null) {
    return NOTHING_TAKEN;
  }
  const scratch = makeScratch();
  try {
    const [live, whole] = [join(scratch.folder, 'live.db'), join(scratch.folder, 'backup.db')];
    await takeSnapshot(target.database.live, live, { signal: options.signal });
    await takeSnapshot(join(backup.path, file), whole, { signal: options.signal });
    return takeBack(live, whole, part);
  } finally {
    scratch.remove();
  }
}

function requireUnbroken({ broken }: TakenBack, part: RestorePart): void {
  if (broken.length > 0) {
    throw new BackupError('REFERENCES_BROKEN', brokenText({ broken }), said`Nothing was changed. ${remedyFor({ broken }, part)}`);
  }
}

/** "3 rows of applications would refer to rows of companies that do not exist." */
export function brokenText({ broken }: Pick<TakenBack, 'broken'>): string {
  return broken
    .map(({ table, parent, rows }) =>
      rows === 1
        ? said`1 row of ${table} would refer to a row of ${parent} that does not exist.`
        : said`${rows} rows of ${table} would refer to rows of ${parent} that do not exist.`,
    )
    .join(' ');
}

/** The tables at both ends of broken references that are not restored yet. */
export function neededTables({ broken }: Pick<TakenBack, 'broken'>, tables: readonly string[]): string[] {
  const has = (name: string): boolean => tables.some((each) => isSameName(each, name));
  return [...new Set(broken.flatMap(({ table, parent }) => [parent, table]))].filter((name) => !has(name));
}

/** Parents come back with their children; where parents go, what refers to them has to be restored too. */
function remedyFor({ broken }: Pick<TakenBack, 'broken'>, { tables }: RestorePart): string {
  const needed = neededTables({ broken }, tables);
  return needed.length === 0
    ? 'Choose other rows, or restore the whole tables.'
    : said`Restore ${needed.join(' and ')} too, for example with --table ${[...tables, ...needed].join(' ')}, or only rows that are gone (--missing).`;
}

/** What somebody should know of a part that came back. */
export function partWarnings({ tables, staleIndexes }: TakenBack): Warning[] {
  return tables
    .flatMap(({ name, onlyLive, onlyBackup, triggers, leftOut, isOneSided }) => [
      ...(onlyLive.length > 0
        ? [said`${name}: ${onlyLive.join(', ')} is not in the backup; rows that stay keep it, others get its default.`]
        : []),
      ...(onlyBackup.length > 0
        ? [said`${name}: ${onlyBackup.join(', ')} of the backup was left out, because the live table has no such column.`]
        : []),
      ...(triggers.length > 0
        ? [said`${name}: triggers did not run (${triggers.join(', ')}): what they keep up to date is as before.`]
        : []),
      ...(leftOut.length > 0 ? [said`${name}: ${leftOut.join(', ')} was left out, because the name is taken.`] : []),
      ...(isOneSided ? [said`${name}: the condition was asked of the backup only, because the live table lacks one of its columns.`] : []),
    ])
    .concat(staleIndexes.map((name) => said`${name}: this full-text index is as before, because it could not be brought up to date here.`))
    .map((message) => warning('PART_DIFFERS', message));
}

/** What is told of a part that came back. */
export function partResult({ tables }: TakenBack, { uploads }: RestoreTarget): PartResult {
  return {
    tables: tables.map(({ name, added, changed, removed }) => ({ name, added, changed, removed })),
    files: uploads.flatMap(({ folder, only = [] }) => only.map((path) => `${folder}/${path}`)),
  };
}
