// Import: an exported file becomes a backup again, after it was unpacked aside and verified.
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BackupError } from '../errors';
import { archiveNames, declaredBytes, readArchive } from '../files/archive';
import { asksForPassphrase, decryptFile, isEncrypted } from '../files/encryption';
import { requireFitting, unfitOn } from '../files/fitting';
import { isSafeRelative } from '../files/paths';
import { wish } from '../files/wish';
import type { OperationOptions } from '../operation';
import { isSystemFile } from '../platform/system-files';
import type { Project } from '../project/project';
import { discardStage, isTaken, makeStage, publish } from '../store/backups-folder';
import { requireGoodName, requireSpace } from '../create/create';
import type { Environment } from '../store/environment';
import { flawsOf } from '../store/flaws';
import { findGoodBackup, listBackups, type GoodBackup } from '../store/list';
import { nextSequence } from '../store/order';
import type { Manifest } from '../store/manifest';
import { readFileList, writeManifest } from '../store/manifest-file';
import { isoWithOffset } from '../store/name';
import { requireAllRead, verifyBackup } from '../verify/verify';
import { keepOnlyParts, syncUnpacked } from './unpacked';
import type { CreatedBackup } from '../store/list';
import { said } from '../said';

const ELSEWHERE = 'Nothing was imported. Import it on the system that it comes from, or on Linux.';

export interface ImportParams {
  /** Absolute, or relative to the project. */
  readonly file: string;
  readonly passphrase?: string;
  /** Secret keys of the age format, `AGE-SECRET-KEY-1...`. */
  readonly identities?: readonly string[];
}

/** Adds the backup in an exported file to the backups folder; the caller holds its lock. Nothing unverified is ever listed. */
export async function importBackup(
  env: Environment,
  project: Project,
  params: ImportParams,
  options: OperationOptions,
): Promise<CreatedBackup> {
  const source = resolve(project.root, params.file);
  requireFile(source);
  const stage = await makeStage(env.disk, project.backups, 'import');
  try {
    const archive = (await isEncrypted(source)) ? await decrypted(env, source, stage, params, options) : source;
    const totalBytes = await declaredBytes(archive);
    await requireSpace(env, project.backups, totalBytes);
    const names = (await archiveNames(archive)).filter((name) => !name.split('/').some((part) => part === '__MACOSX'));
    requireFitting(await unfitOn(env.disk, join(stage, 'names'), names, env.platform), ELSEWHERE);
    const unpacked = join(stage, 'unpacked');
    await env.disk.makeFolder(unpacked);
    let doneBytes = 0;
    await readArchive(archive, unpacked, {
      signal: options.signal,
      onBytes: (bytes) => {
        doneBytes += bytes;
        options.onProgress?.({ phase: 'stage', doneBytes, totalBytes });
      },
    });
    const backup = await onlyBackupIn(env, unpacked);
    await keepOnlyParts(env.disk, backup);
    await restoreTimes(env, backup);
    const verification = await verifyBackup(env, backup, 'full', options);
    requireAllRead(verification);
    const { problems, warnings } = verification;
    if (problems.length > 0) {
      throw new BackupError(
        'BACKUP_DAMAGED',
        said`The exported backup is damaged: ${problems[0] ?? ''}`,
        'Get the file again from where it was kept. Nothing was imported.',
      );
    }
    const name = await freeName(env, project, backup.name);
    const guest = await asGuest(env, project, backup.manifest, name);
    const manifest: Manifest = { ...guest, imported_at: isoWithOffset(env.now()) };
    await syncUnpacked(env.disk, backup);
    await writeManifest(env.disk, backup.path, manifest);
    const lacking = flawsOf(backup.manifest).filter(({ code }) => ['FILES_MISSING', 'ATTRIBUTES_LOST'].includes(code));
    env.beginChange?.();
    const published = await publish(env.disk, backup.path, project.backups, name);
    return { ...manifest, path: published.path, warnings: [...warnings, ...lacking, ...published.warnings] };
  } finally {
    await discardStage(env.disk, stage);
  }
}

function requireFile(source: string): void {
  if (!existsSync(source) || !statSync(source).isFile()) {
    throw new BackupError('BACKUP_NOT_FOUND', said`There is no file ${source}.`, 'Choose a file that was made with "Export".');
  }
}

async function decrypted(
  env: Environment,
  source: string,
  stage: string,
  { passphrase, identities = [] }: ImportParams,
  options: OperationOptions,
): Promise<string> {
  const needsPassphrase = await asksForPassphrase(source);
  if (needsPassphrase ? passphrase === undefined : identities.length === 0) {
    throw needsPassphrase
      ? new BackupError('REFUSED', 'The file is encrypted.', 'Give its passphrase (--passphrase-file FILE).')
      : new BackupError('REFUSED', 'The file is encrypted to recipients.', 'Give the secret key of one of them (--identity-file FILE).');
  }
  await requireSpace(env, stage, statSync(source).size);
  const plain = join(stage, 'plain.zip');
  await decryptFile(source, plain, needsPassphrase ? { passphrase } : { identities }, { signal: options.signal });
  return plain;
}

async function onlyBackupIn(env: Environment, folder: string): Promise<GoodBackup> {
  // An archive that was unpacked and packed again on macOS brings what Finder keeps.
  const names = (await env.disk.list(folder)).filter((each) => each !== '__MACOSX' && !isSystemFile(each));
  const [name] = names;
  if (name === undefined || names.length > 1) {
    throw new BackupError(
      'REFUSED',
      'The file is not an exported backup: it does not hold exactly one folder.',
      'Choose a file that was made with "Export".',
    );
  }
  requireGoodName(name);
  return findGoodBackup(env.disk, folder, name);
}

/** An archive keeps times to two seconds only; the manifest knows them exactly. */
async function restoreTimes(env: Environment, backup: GoodBackup): Promise<void> {
  for (const file of (await readFileList(env.disk, backup.path, backup.manifest)) ?? []) {
    const path = join(backup.path, file.path);
    if (isSafeRelative(file.path) && existsSync(path)) {
      await wish(() => env.disk.setTimes(path, BigInt(file.mtime)));
    }
  }
}

/** The numbers of another folder are not continued here: one that runs ahead of this folder's own goes, and its time decides. */
async function asGuest(env: Environment, project: Project, manifest: Manifest, name: string): Promise<Manifest> {
  const next = nextSequence((await listBackups(env.disk, project.backups)).backups);
  const runsAhead = (manifest.sequence ?? 0) > next;
  if (!runsAhead && manifest.backup_name === name) {
    return manifest;
  }
  const guest: Manifest = { ...manifest, backup_name: name };
  if (runsAhead) {
    delete guest.sequence;
  }
  return guest;
}

async function freeName(env: Environment, project: Project, wish: string): Promise<string> {
  let name = wish;
  for (let number = 2; await isTaken(env.disk, project.backups, name); number++) {
    name = `${wish}_${number}`;
  }
  return name;
}
