// What backups take on the disk: each file once, however many backups share it through hard links.
import { walkTree } from '../files/tree';
import type { Project } from '../project/project';
import type { Environment } from './environment';
import { listBackups } from './list';
import type { BackupEntry } from './list';

/** What backups take on the disk. */
export interface Storage {
  /** Every file counted once. */
  readonly totalBytes: number;
  /** Free on that file system; null: unknown. */
  readonly freeBytes: number | null;
  readonly backups: readonly {
    readonly name: string;
    /** Freed when this backup is removed. */
    readonly ownBytes: number;
    /** Held by other backups too. */
    readonly sharedBytes: number;
  }[];
}

/** Backup name -> file identity -> bytes, so that shared files are counted once. */
export type StoredFiles = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** The files of each backup by inode. */
export async function storedFiles(env: Environment, entries: readonly BackupEntry[]): Promise<StoredFiles> {
  const stored = new Map<string, ReadonlyMap<string, number>>();
  for (const entry of entries) {
    const tree = await walkTree(env.disk, entry.path);
    stored.set(entry.name, new Map(tree.files.map((file) => [String(file.inode), file.size])));
  }
  return stored;
}

/** Own bytes are freed when the backup is removed; shared ones belong to other backups as well. */
export async function readStorage(env: Environment, { backups: backupsFolder }: Project): Promise<Storage> {
  const { backups: entries } = await listBackups(env.disk, backupsFolder);
  const stored = await storedFiles(env, entries);
  const holders = new Map<string, number>();
  const bytesOf = new Map<string, number>();
  for (const files of stored.values()) {
    for (const [id, bytes] of files) {
      holders.set(id, (holders.get(id) ?? 0) + 1);
      bytesOf.set(id, bytes);
    }
  }
  const backups = entries.map(({ name }) => {
    let ownBytes = 0;
    let sharedBytes = 0;
    for (const [id, bytes] of stored.get(name) ?? []) {
      if (holders.get(id) === 1) {
        ownBytes += bytes;
      } else {
        sharedBytes += bytes;
      }
    }
    return { name, ownBytes, sharedBytes };
  });
  const totalBytes = [...bytesOf.values()].reduce((sum, bytes) => sum + bytes, 0);
  const freeBytes = entries.length === 0 ? null : await env.disk.freeBytes(backupsFolder);
  return { totalBytes, freeBytes, backups };
}
