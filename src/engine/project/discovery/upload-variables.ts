// Folders with uploaded files that the variables of `.env` and compose files name: UPLOAD_DIR, MEDIA_ROOT, STORAGE_LOCAL_ROOT.
import { dirname, resolve } from 'node:path';
import { MOST_NAMED } from '../../limits/sizes';
import { envFilesOf } from '../../migrations/reading/env-files';
import { isFolder } from '../../migrations/reading/look';
import type { NamedFolder } from '../../migrations/reading/named';
import { isAbsolutePath } from '../../migrations/reading/sqlite-url';
import { namesUploads } from '../../migrations/reading/variables';
import { isAside } from '../../migrations/reading/vendored';
import type { ProjectFolder } from '../../migrations/tool';
import { shown } from '../paths';
import { hostPathOf, placesInService, type ComposeService } from './compose';
import { said } from '../../said';

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
      if (namesUploads(name, value)) {
        const inContainers = isAbsolutePath(value) ? services.flatMap((service) => hostPathOf(value, service) ?? []) : [];
        add(`${name} in ${shown(file, root)}`, [...inContainers, ...[dirname(file), root].map((base) => resolve(base, value))]);
      }
    }
  }
  for (const service of services) {
    for (const [name, value] of Object.entries(service.environment)) {
      if (namesUploads(name, value)) {
        add(said`${name} of the service ${service.name} in ${shown(service.file, root)}`, placesInService(value, service, root));
      }
    }
  }
  return found;
}
