// Upload folders of a project without settings: the compose file's mounts, then the usual names beside the database.
import { basename, dirname, join } from 'node:path';
import type { ComposeService } from './compose';
import { contains, isFolder, realPathOf } from '../paths';

const UPLOADS_NAME = /upload|media|attachment/i;

/** Existing folders inside the project that hold uploads by their name; never one with the backups, or with the database deep in it. */
export async function discoverUploads(
  root: string,
  database: string | null,
  backups: string,
  services: readonly ComposeService[],
): Promise<string[]> {
  const mounted = services
    .flatMap((service) => service.mounts.flatMap((mount) => mount.host ?? []))
    .filter((host) => UPLOADS_NAME.test(basename(host)));
  const beside = database ? [dirname(database), dirname(dirname(database))] : [];
  const usual = [...beside, root, join(root, 'backend')].flatMap((folder) => [join(folder, 'uploads'), join(folder, 'media')]);
  const folders: string[] = [];
  for (const folder of [...mounted, ...usual]) {
    const holdsOthers =
      (database !== null && contains(folder, dirname(database)) && folder !== dirname(database)) ||
      contains(folder, backups) ||
      contains(backups, folder);
    if (contains(root, folder) && !holdsOthers && (await isFolder(folder))) {
      folders.push(folder);
    }
  }
  return withoutNested(folders);
}

/** Drops folders that are named twice or lie inside another one: a file is backed up once. */
export async function withoutNested(folders: readonly string[]): Promise<string[]> {
  const real = await Promise.all(folders.map(realPathOf));
  return folders.filter((_folder, index) =>
    real.every((other, otherIndex) => {
      const own = real[index] ?? '';
      return otherIndex === index || (own === other ? index < otherIndex : !contains(other, own));
    }),
  );
}
