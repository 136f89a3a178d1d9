// Export: one backup as one file, to be kept elsewhere; encrypted with a passphrase or to recipients when they are given.
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { BackupError } from '../errors';
import { writeArchive, type ArchiveEntry } from '../files/archive';
import type { Encryption } from '../files/encryption';
import { explained } from '../files/explain';
import { attributedBelow } from '../files/system-tools';
import { walkTree } from '../files/tree';
import type { OperationOptions } from '../operation';
import { isSystemFile } from '../platform/system-files';
import type { Project } from '../project/project';
import { requireSpace } from '../create/create';
import { renameDurably, STAGE_PREFIX } from '../store/backups-folder';
import type { Environment } from '../store/environment';
import { flawsOf } from '../store/flaws';
import { findGoodBackup, type GoodBackup } from '../store/list';
import { uploadFolders } from '../store/parts';
import type { Manifest } from '../store/manifest';
import { MANIFEST_FILE } from '../store/terms';
import { manifestText, readFileList } from '../store/manifest-file';
import { nameWithMark } from '../store/own-state';
import { isOwn, sealed } from '../store/seal';
import { compareNames } from '../store/spelling';
import { verifyAndKeep } from '../verify/keep';
import { requireAllRead } from '../verify/verify';
import { warningsOf, type Warned } from '../warnings';
import { said } from '../said';

export interface ExportParams {
  readonly name: string;
  /** Absolute, or relative to the project; without one `<name>.zip` (`.zip.age`) in the project's folder. */
  readonly file?: string;
  readonly passphrase?: string;
  /** Public keys of the age format, `age1...`; a passphrase and recipients exclude each other. */
  readonly recipients?: readonly string[];
}

export interface ExportResult extends Warned {
  readonly name: string;
  /** Absolute path of the file written. */
  readonly file: string;
  readonly sizeBytes: number;
  readonly encrypted: boolean;
}

/** Verifies the backup and writes it into a new file. Fails with BACKUP_DAMAGED, or BACKUP_EXISTS when there is such a file. */
export async function exportBackup(
  env: Environment,
  project: Project,
  params: ExportParams,
  options: OperationOptions,
): Promise<ExportResult> {
  const backup = await findGoodBackup(env.disk, project.backups, params.name);
  const encryption = encryptionOf(params);
  const isPrivate = encryption !== undefined;
  const target = resolve(project.root, params.file ?? `${backup.name}.zip${isPrivate ? '.age' : ''}`);
  requireNewFile(target);
  const verification = await verifyAndKeep(env, project.backups, backup, 'full', options);
  requireAllRead(verification);
  const { problems, warnings } = verification;
  if (problems.length > 0) {
    throw new BackupError(
      'BACKUP_DAMAGED',
      said`The backup "${backup.name}" is damaged: ${problems[0] ?? ''}`,
      'Export another backup. Nothing was written.',
    );
  }
  const lost = await lostAttributes(backup);
  const told = [
    ...warnings,
    ...flawsOf(backup.manifest).filter(({ code }) => code === 'FILES_MISSING'),
    ...warningsOf('ATTRIBUTES_LOST', lost),
  ];
  const tree = await walkTree(env.disk, backup.path);
  const manifest = lost.length === 0 ? null : { text: manifestText(withoutAttributes(backup.manifest, lost)) };
  const listed = new Set((await readFileList(env.disk, backup.path, backup.manifest))?.map((file) => file.path));
  const { listed: spelt } = compareNames(
    listed,
    tree.files.map(({ path }) => path),
  );
  const entries: ArchiveEntry[] = [
    ...tree.folders.map((path) => ({ path: `${backup.name}/${path}/`, source: null })),
    ...tree.files
      .filter((file) => !file.path.startsWith('.') && (listed.has(file.path) || !isSystemFile(basename(file.path))))
      .map((file) => ({
        path: `${backup.name}/${spelt.get(file.path) ?? file.path}`,
        source: file.path === MANIFEST_FILE && manifest !== null ? manifest : join(backup.path, file.path),
      })),
  ];
  const totalBytes = tree.files.reduce((sum, file) => sum + file.size, 0);
  return explained(target, async () => {
    await requireSpace(env, dirname(target), totalBytes);
    const temporary = temporaryFor(target);
    await env.disk.remove(temporary);
    try {
      let doneBytes = 0;
      await writeArchive(temporary, entries, encryption, {
        signal: options.signal,
        onBytes: (bytes) => {
          doneBytes += bytes;
          options.onProgress?.({ phase: 'publish', doneBytes: Math.min(doneBytes, totalBytes), totalBytes });
        },
      });
      requireNewFile(target);
      env.beginChange?.();
      told.push(...(await renameDurably(env.disk, temporary, target)));
    } catch (error) {
      await env.disk.remove(temporary).catch(() => undefined);
      throw error;
    }
    return { name: backup.name, file: target, sizeBytes: statSync(target).size, encrypted: isPrivate, warnings: told };
  });
}

/** A zip file holds bytes and names: a sentence about what else the stored files have. */
async function lostAttributes({ path, manifest }: GoodBackup): Promise<string[]> {
  const folders = uploadFolders(manifest);
  const [first, ...more] = (await attributedBelow(path)).filter((each) => folders.includes(each.split('/', 1)[0] ?? ''));
  const others = more.length === 0 ? '' : said` and ${more.length} more`;
  return first === undefined
    ? []
    : [said`The ACLs and extended attributes of ${first.replace(/\/$/, '')}${others} are not in the exported file: it cannot hold them.`];
}

/** What the exported file says about itself, so that it is known wherever it is imported. */
function withoutAttributes(manifest: Manifest, lost: readonly string[]): Manifest {
  const next = { ...manifest, unkept: [...(manifest.unkept ?? []), ...lost] };
  return isOwn(manifest) ? sealed(next) : next;
}

function encryptionOf({ passphrase, recipients = [] }: ExportParams): Encryption | undefined {
  if (passphrase === '') {
    throw new BackupError('USAGE', 'The passphrase is empty.', 'Choose a passphrase of several words.');
  }
  if (passphrase !== undefined && recipients.length > 0) {
    throw new BackupError(
      'USAGE',
      'A file is encrypted either with a passphrase or to recipients, not both.',
      'Leave out one of the two. Nothing was written.',
    );
  }
  return passphrase !== undefined ? { passphrase } : recipients.length > 0 ? { recipients } : undefined;
}

/** The same in each attempt, so that the next one removes what a killed one left; nobody else's file has this name. */
function temporaryFor(target: string): string {
  const stem = `${STAGE_PREFIX}export-${createHash('sha256').update(basename(target)).digest('hex').slice(0, 8)}`;
  return join(dirname(target), nameWithMark(dirname(target), stem));
}

function requireNewFile(target: string): void {
  if (existsSync(target)) {
    throw new BackupError('BACKUP_EXISTS', said`There is already a file ${target}.`, 'Choose another file name. Nothing was written.');
  }
  if (!existsSync(dirname(target))) {
    throw new BackupError('WRITE_FAILED', said`There is no folder ${dirname(target)}.`, 'Choose an existing folder. Nothing was written.');
  }
}
