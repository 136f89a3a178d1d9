// Folders with uploaded files that the variables of `.env` and compose files name: UPLOAD_DIR, MEDIA_ROOT, STORAGE_LOCAL_ROOT.
import { dirname, resolve } from 'node:path';
import { MOST_NAMED } from '../../limits/sizes';
import { envFilesOf } from '../../migrations/reading/env-files';
import { isFolder } from '../../migrations/reading/look';
import type { NamedFolder } from '../../migrations/reading/named';
import { isAbsolutePath } from '../../migrations/reading/sqlite-url';
import { isAside } from '../../migrations/reading/vendored';
import type { ProjectFolder } from '../../migrations/tool';
import { shown } from '../paths';
import { hostPathOf, placesInService, type ComposeService } from './compose';

const NAME =
  /^(?:\w+_)?(?:UPLOADS?|UPLOADED|MEDIA|ATTACHMENTS?|USER_?FILES?|FILES?_STORAGE|BLOBS?)_(?:\w+_)?(?:DIR|DIRECTORY|FOLDER|PATH|ROOT|DEST|LOCATION)$|^(?:\w+_)?STORAGE_(?:\w+_)?(?:ROOT|PATH|DIR|FOLDER)$/;
const OTHER = /TEMP|TMP|CACHE|STATIC|LOG|_URL_|PUBLIC_PATH|BACKUP|MAX|DATABASE|DB_|TEST/;

/** Those that exist; a relative path counts from the file or from a folder above it. */
export function namedByVariables(project: ProjectFolder, services: readonly ComposeService[]): NamedFolder[] {
  const { root } = project;
  const found: NamedFolder[] = [];
  const add = (from: string, places: readonly string[]): void => {
    const path = places.find(isFolder);
    if (path !== undefined && found.length < MOST_NAMED) {
      found.push({ from, path });
    }
  };
  for (const { file, rank, variables } of envFilesOf(project)) {
    for (const [name, { value }] of rank === 0 && !isAside(shown(file, root)) ? variables : []) {
      if (isFolderName(name, value)) {
        const inContainers = isAbsolutePath(value) ? services.flatMap((service) => hostPathOf(value, service) ?? []) : [];
        add(`${name} in ${shown(file, root)}`, [...inContainers, ...[dirname(file), root].map((base) => resolve(base, value))]);
      }
    }
  }
  for (const service of services) {
    for (const [name, value] of Object.entries(service.environment)) {
      if (isFolderName(name, value)) {
        add(`${name} of the service ${service.name} in ${shown(service.file, root)}`, placesInService(value, service, root));
      }
    }
  }
  return found;
}

/** Whether a variable of this name and value names a folder with uploads. */
export function isFolderName(name: string, value: string): boolean {
  return NAME.test(name) && !OTHER.test(name) && value !== '' && value.length < 1000 && !/^\w+:\/\/|^[.\\/]+$/.test(value);
}
