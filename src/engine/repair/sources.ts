// Where the true content of a damaged file may still be: another backup, or the live data. Its hash proves it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { databaseFiles } from '../create/create';
import { scanUploads } from '../create/uploads-part';
import { walkTree } from '../files/tree';
import { throwIfCancelled, type OperationOptions } from '../operation';
import type { Project } from '../project/project';
import { resolvedPath } from '../files/paths';
import { leaveWalAtRest } from '../sqlite/header';
import { takeSnapshot } from '../sqlite/snapshot';
import type { Environment } from '../store/environment';
import { isGood, type BackupEntry, type GoodBackup } from '../store/list';
import { uploadFolders } from '../store/parts';
import { readFileList } from '../store/manifest-file';

/** What the manifest says of a file. */
export interface Expected {
  readonly size: number;
  readonly sha256: string;
}

/** A file that was just read, and is what was expected. */
export interface Source {
  /** Absolute. */
  readonly file: string;
  /** The backup that has it; null: it is live. */
  readonly backup: string | null;
}

interface Candidate extends Source {
  readonly size: number;
}

/** Looks for the content of damaged files of one backup. */
export class Sources {
  private recorded: ReadonlyMap<string, readonly Candidate[]> | undefined;
  private live: ReadonlyMap<string, string> | undefined;

  constructor(
    private readonly env: Environment,
    private readonly project: Project,
    private readonly backup: GoodBackup,
    private readonly all: readonly BackupEntry[],
    private readonly options: OperationOptions,
  ) {}

  /** For an upload: another backup's file of that hash, newest backup first, else the live file it was made of; null: lost. */
  async ofUpload(path: string, expected: Expected): Promise<Source | null> {
    const live = (await this.liveUploads()).get(path);
    return (
      (await this.firstGood((await this.candidates()).get(expected.sha256) ?? [], expected)) ??
      (live === undefined ? null : await this.firstGood([{ file: live, backup: null, size: expected.size }], expected))
    );
  }

  /** For a file of the database: another backup's; for the database itself also a new snapshot, made in `folder`; null: lost. */
  async ofDatabase(path: string, expected: Expected, folder: string): Promise<Source | null> {
    const recorded = await this.firstGood((await this.candidates()).get(expected.sha256) ?? [], expected);
    const { database } = this.project;
    if (recorded !== null || path !== this.backup.manifest.database_file || database === null || !existsSync(database)) {
      return recorded;
    }
    const file = join(folder, 'live.db');
    await this.env.disk.remove(file);
    // A backup may be the file itself, or what SQLite's backup API makes of it: the hash tells.
    if (await this.env.disk.copyApart(resolvedPath(database), file, this.options.signal)) {
      leaveWalAtRest(file);
      const same = await this.firstGood([{ file, backup: null, size: expected.size }], expected);
      if (same !== null) {
        return same;
      }
      await this.env.disk.remove(file);
    }
    // A live database that cannot be read is no source.
    await takeSnapshot(database, file, this.options.signal === undefined ? {} : { signal: this.options.signal }).catch(() => undefined);
    throwIfCancelled(this.options.signal);
    return this.firstGood([{ file, backup: null, size: expected.size }], expected);
  }

  private async firstGood(candidates: readonly Candidate[], expected: Expected): Promise<Source | null> {
    for (const { file, backup, size } of candidates) {
      throwIfCancelled(this.options.signal);
      if (size === expected.size && (await this.isExactly(file, expected))) {
        return { file, backup };
      }
    }
    return null;
  }

  private async isExactly(file: string, { size, sha256 }: Expected): Promise<boolean> {
    const stats = await this.env.disk.stat(file).catch(() => null);
    if (stats?.isFile() !== true || stats.size !== BigInt(size)) {
      return false;
    }
    return (await this.env.disk.hash(file).catch(() => '')) === sha256;
  }

  /** What the other backups say that they hold, by sha256. */
  private async candidates(): Promise<ReadonlyMap<string, readonly Candidate[]>> {
    if (this.recorded === undefined) {
      const found = new Map<string, Candidate[]>();
      for (const other of this.all.filter(isGood).filter(({ name }) => name !== this.backup.name)) {
        for (const { path, size, sha256 } of await filesHeldBy(this.env, other)) {
          const list = found.get(sha256) ?? [];
          list.push({ file: join(other.path, path), backup: other.name, size });
          found.set(sha256, list);
        }
      }
      this.recorded = found;
    }
    return this.recorded;
  }

  /** Live uploads by their path in the backup. */
  private async liveUploads(): Promise<ReadonlyMap<string, string>> {
    if (this.live === undefined) {
      const { uploads, root } = this.project;
      const scans = await scanUploads(this.env, { root, uploads }, databaseFiles(this.project));
      const found = new Map<string, string>();
      for (const scan of scans) {
        const folder = this.backup.manifest.uploads?.find(({ source }) => source === scan.source)?.folder;
        for (const { path } of folder === undefined ? [] : scan.tree.files) {
          found.set(`${folder ?? ''}/${path}`, join(scan.root, path));
        }
      }
      this.live = found;
    }
    return this.live;
  }
}

/** The files of a backup that its manifest names and that are real files in it: paths never lead through a link. */
async function filesHeldBy(env: Environment, backup: GoodBackup): Promise<(Expected & { readonly path: string })[]> {
  const { manifest } = backup;
  const listed = new Map((await readFileList(env.disk, backup.path, manifest).catch(() => null))?.map((file) => [file.path, file]));
  const held: (Expected & { readonly path: string })[] = [];
  for (const folder of uploadFolders(manifest)) {
    for (const { path } of (await walkTree(env.disk, join(backup.path, folder))).files) {
      const file = listed.get(`${folder}/${path}`);
      if (file !== undefined) {
        held.push(file);
      }
    }
  }
  if (manifest.database_file !== null && manifest.database) {
    held.push({ path: manifest.database_file, size: manifest.database.size, sha256: manifest.database.sha256 });
  }
  return held;
}
