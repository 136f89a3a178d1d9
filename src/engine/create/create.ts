// Creates a backup: snapshot, uploads, checks, manifest last, published by rename. Until then nobody sees it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BackupError } from '../errors';
import { explained } from '../files/explain';
import { readGit } from '../git/git';
import { describeSnapshot } from '../migrations/state/state';
import { throwIfCancelled, type OperationOptions } from '../operation';
import { discoveryOf } from '../project/discovery/discovery';
import { outOfReach, placeOf, requireOneSide } from '../project/out-of-reach';
import { shown, sourceOf } from '../project/paths';
import type { Project } from '../project/project';
import { sweepScratch } from '../sqlite/scratch';
import { ensureBackupsFolder, isTaken, makeStage, publish, requireFree } from '../store/backups-folder';
import { stageDatabase, type DatabasePart } from './database-part';
import { databaseFiles, hasAmpleRoom, liveSize, requireSpace, sharingOf, uploadsToCopy } from './room';
import type { Sharing } from './sharing';
import type { Environment } from '../store/environment';
import { flawsOf } from '../store/flaws';
import { listBackups } from '../store/list';
import { nextSequence } from '../store/order';
import type { Manifest } from '../store/manifest';
import { FORMAT_VERSION, type Trigger } from '../store/terms';
import { writeFileList, writeFolderList, writeManifest } from '../store/manifest-file';
import { sealed } from '../store/seal';
import { automaticName, isoWithOffset, nameProblem, timestampOf } from '../store/name';
import { bytesToCopy, reusableFiles, scanUploads, stageUploads, type UploadsPart, type UploadsScan } from './uploads-part';
import type { CreatedBackup } from '../store/list';
import { warning, warningsOf, type Warning } from '../warnings';
import { said } from '../said';

export { bytesNeeded, databaseFiles, requireSpace, SPACE_MARGIN } from './room';

export interface CreateParams {
  /** Validated; without one the backup is named after its trigger and time. */
  readonly name?: string;
  readonly note?: string;
  readonly trigger: Trigger;
  /** Name a manual backup after branch and commit too, as the automatic ones are. */
  readonly nameAfterGit?: boolean;
  /** Keep a copy of a database that SQLite finds damaged, marked as such, instead of failing with DATABASE_DAMAGED. */
  readonly allowDamaged?: boolean;
}

/** What a backup is to hold; the safety backup before a restore holds only what the restore replaces. */
export interface BackupSpec extends CreateParams {
  readonly database: boolean;
  readonly uploads: boolean;
  readonly safety?: Manifest['safety'];
}

/** setuid and setgid among the bits of a mode. */
const SET_ID = 0o6000;

const PREFIXES: Record<Trigger, string> = {
  manual: 'backup',
  auto: 'auto',
  'pre-migration': 'pre_migration',
  safety: 'pre_restore',
  scheduled: 'scheduled',
  agent: 'agent',
};

/** What the names of safety backups begin with; the time follows. */
export const SAFETY_PREFIX = `${PREFIXES.safety}_`;

/** What must be right before anything is touched: the name, and a database to back up. */
export function checkCreate(_env: Environment, project: Project, params: CreateParams): void {
  if (params.name !== undefined) {
    requireGoodName(params.name);
  }
  requireDatabase(project);
  requireOneSide(project);
}

/** Creates a backup of everything. The caller holds the lock of the backups folder. */
export async function createBackup(
  env: Environment,
  project: Project,
  params: CreateParams,
  options: OperationOptions,
): Promise<CreatedBackup> {
  checkCreate(env, project, params);
  sweepScratch();
  const created = await makeBackup(env, project, { ...params, database: true, uploads: true }, options);
  const { pausedMs = 0 } = project;
  return { ...created, ...(pausedMs > 0 && { pausedMs }), warnings: [...created.warnings, ...warnOfUploads(project)] };
}

/** The steps of a backup, in their order. The caller holds the lock of the backups folder. */
export async function makeBackup(env: Environment, project: Project, spec: BackupSpec, options: OperationOptions): Promise<CreatedBackup> {
  if (spec.name !== undefined) {
    requireGoodName(spec.name);
    await requireFree(env.disk, project.backups, spec.name);
  }
  env.step('locked');
  const time = env.now();
  const git = await readGit(project.root);
  const name = spec.name ?? (await freeName(env, project, automatic(spec, time, git)));
  const earlier = (await listBackups(env.disk, project.backups)).backups;
  const databaseBytes = spec.database ? liveSize(project) : 0;
  const shared = await sharingOf(project, earlier, time);
  // What a safety backup holds is destroyed next: it must be known to be good, however lately it was read.
  const sharing = shared !== null && spec.trigger === 'safety' ? { ...shared, reads: true } : shared;
  throwIfCancelled(options.signal);
  return explained(project.backups, async () => {
    await ensureBackupsFolder(env.disk, project.backups);
    // Where there is room for several times what is known, thousands of files are not looked at for this alone.
    if (spec.uploads && !(await hasAmpleRoom(env, project.backups, databaseBytes, sharing))) {
      await requireSpace(env, project.backups, databaseBytes + (await uploadsToCopy(env, project, sharing)));
    } else {
      await requireSpace(env, project.backups, databaseBytes);
    }
    const stage = await makeStage(env.disk, project.backups, name);
    try {
      env.step('stage-made');
      const database =
        spec.database && project.database !== null ? await stageLive(env, project, project.database, spec, stage, options) : null;
      // After the database, so that every row in the snapshot finds its file.
      const fresh = spec.uploads ? await scanUploads(env, project, databaseFiles(project)) : [];
      const rotten: string[] = [];
      const reusable = await reusableFiles(env, sharing, fresh, rotten);
      if (fresh.length > 0) {
        await requireSpace(env, project.backups, bytesToCopy(fresh, reusable), databaseBytes);
      }
      const uploads = await stageUploads(env, fresh, reusable, stage, options);
      env.step('uploads-copied');
      const manifest: Manifest = {
        ...heading(name, time, database, fresh),
        trigger: spec.trigger,
        ...(spec.note === undefined || spec.note === '' ? {} : { note: spec.note }),
        pinned: false,
        sequence: nextSequence(earlier),
        git: git === null ? null : { ...git },
        ...(database === null ? {} : migrationsOf(join(stage, database.file), project, database)),
        database: database?.record ?? null,
        ...uploadFields(uploads),
        ...contentReadAt(sharing, time),
        files: await writeFileList(env.disk, stage, uploads.files),
        folders: await writeFolderList(env.disk, stage, uploads.folders),
        ...(spec.safety === undefined ? {} : { safety: spec.safety }),
        created_by: 'pats-backup',
      };
      env.step('checked');
      options.onProgress?.({ phase: 'publish', doneBytes: 0, totalBytes: 0 });
      await writeManifest(
        env.disk,
        stage,
        needsSeal(spec.trigger === 'safety' ? uploads.links : [], uploads.files) ? sealed(manifest) : manifest,
      );
      env.step('manifest-written');
      throwIfCancelled(options.signal);
      if (spec.trigger !== 'safety') {
        // One of those is part of a restore, which is still to begin.
        env.beginChange?.();
      }
      const { path, warnings } = await publish(env.disk, stage, project.backups, name);
      env.step('published');
      return { ...manifest, path, warnings: [...flawsOf(manifest), ...warnOfRot(sharing, rotten), ...warnings] };
    } catch (error) {
      // If even this fails, the next writer sweeps the stage.
      await env.disk.remove(stage).catch(() => undefined);
      throw error;
    }
  });
}

/** The name of the next safety backup; the journal of a restore says it before there is one. */
export async function safetyName(env: Environment, project: Project): Promise<string> {
  return freeName(env, project, automaticName(PREFIXES.safety, env.now(), await readGit(project.root)));
}

/** Fails with NAME_INVALID when a backup cannot have this name on every file system. */
export function requireGoodName(name: string): void {
  const problem = nameProblem(name);
  if (problem !== null) {
    throw new BackupError('NAME_INVALID', said`"${name.slice(0, 80)}" cannot be the name of a backup. ${problem}`, 'Choose another name.');
  }
}

/** The path of the live database. Fails with DATABASE_NOT_FOUND when there is none. */
export function requireDatabase(project: Project): string {
  if (project.database === null && project.databasePlace !== undefined) {
    throw outOfReach(project.databasePlace, project.outOfReach);
  }
  if (project.database === null || !existsSync(project.database)) {
    const where =
      project.database === null
        ? said`No database was found in ${project.root}.`
        : said`There is no database at ${placeOf(project) ?? project.database}.`;
    throw new BackupError(
      'DATABASE_NOT_FOUND',
      where,
      'Start the application once, or name the database with --database or the setting patsBackup.database.',
    );
  }
  return project.database;
}

async function stageLive(
  env: Environment,
  project: Project,
  database: string,
  spec: BackupSpec,
  stage: string,
  options: OperationOptions,
): Promise<DatabasePart> {
  return stageDatabase(env, database, sourceOf(project, database), stage, spec.allowDamaged ?? false, options);
}

function automatic(spec: BackupSpec, time: Date, git: Awaited<ReturnType<typeof readGit>>): string {
  const isPlain = spec.trigger === 'manual' && spec.nameAfterGit !== true;
  return automaticName(PREFIXES[spec.trigger], time, isPlain ? null : git);
}

/** Two automatic backups within one second get different names. */
async function freeName(env: Environment, project: Project, wish: string): Promise<string> {
  let name = wish;
  for (let number = 2; await isTaken(env.disk, project.backups, name); number++) {
    name = `${wish}_${number}`;
  }
  return name;
}

function heading(name: string, time: Date, database: DatabasePart | null, scans: readonly UploadsScan[]): Manifest {
  return {
    backup_name: name,
    timestamp: timestampOf(time),
    created_at: isoWithOffset(time),
    alembic_revision: null,
    database_file: database?.file ?? null,
    uploads_included: scans.length > 0,
    backup_version: FORMAT_VERSION,
  };
}

/** What the manifest says of migrations, read from the snapshot itself, so that it is what the copied bytes say. */
export function migrationsOf(snapshot: string, project: Project, database: DatabasePart): Partial<Manifest> {
  if (database.record.damaged === true) {
    return {};
  }
  const { tool, revisions, heads } = describeSnapshot(snapshot, project);
  const rows = tool === 'alembic' && revisions.length > 0 ? revisions.join(', ') : null;
  return { alembic_revision: rows, migrations: { tool, revisions: [...revisions], heads: [...heads] } };
}

/** A backup without uploads is whole, but may not be what somebody thinks it is. */
function warnOfUploads(project: Project): Warning[] {
  const folders = (discoveryOf(project)?.uploadsLookLike ?? []).map((folder) => shown(folder, project.root));
  return folders.length === 0
    ? []
    : [
        warning(
          'UPLOADS_NOT_INCLUDED',
          said`These folders look like uploads, but the backup does not hold them: ${folders.join(', ')}. Name those with uploads in patsBackup.uploads or with --uploads.`,
        ),
      ];
}

/** What was found while files were read before they were shared; the new backup has its own copies of them. */
function warnOfRot(sharing: Sharing | null, rotten: readonly string[]): Warning[] {
  const name = sharing?.from.name ?? '';
  return warningsOf(
    'VERIFICATION_FAILED',
    rotten.map((path) => said`${path} in the backup "${name}" is damaged, so that it was copied anew. Verify and repair that backup.`),
  );
}

/** Copied files are read as they are hashed, shared ones were read when the backup says from which they come. */
function contentReadAt(sharing: Sharing | null, now: Date): Partial<Manifest> {
  const time = sharing === null || sharing.reads ? isoWithOffset(now) : sharing.readAt;
  return time === undefined ? {} : { content_read_at: time };
}

/** A restore makes links that lead out, and setuid and setgid files, only from a backup that is known to be this user's own. */
export function needsSeal(links: readonly unknown[], files: UploadsPart['files']): boolean {
  return links.length > 0 || files.some(({ mode = 0 }) => (mode & SET_ID) !== 0);
}

function uploadFields(part: UploadsPart): Partial<Manifest> {
  return {
    uploads: part.uploads,
    ...(part.links.length === 0 ? {} : { links: [...part.links] }),
    ...(part.skipped.length === 0 ? {} : { skipped: [...part.skipped] }),
    ...(part.unkept.length === 0 ? {} : { unkept: [...part.unkept] }),
    ...(part.partial.length === 0 ? {} : { partial: [...part.partial] }),
  };
}
