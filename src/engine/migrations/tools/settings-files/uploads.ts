// Folders with uploaded files that an application's own settings files name: `app.upload.dir` of Spring, `upload_destination` of Symfony.
import { relative } from 'node:path';
import { MOST_NAMED } from '../../../limits/sizes';
import { isFolder } from '../../reading/look';
import type { NamedFolder } from '../../reading/named';
import { placesOf } from '../../reading/places';
import { namesUploads } from '../../reading/variables';
import { isAside } from '../../reading/vendored';
import type { ProjectFolder } from '../../tool';
import { entriesIn, settingsFiles } from './entries';

/** Those that exist; a relative path counts from the file or from a folder above it. */
export function uploads(project: ProjectFolder): readonly NamedFolder[] {
  const { root } = project;
  return settingsFiles(project)
    .filter((file) => !isAside(relative(root, file)))
    .flatMap((file) =>
      entriesIn(file, /upload|media|attachment|storage|blob/i, project).flatMap(({ names, value }): NamedFolder[] => {
        const path = names.some((name) => namesUploads(name, value)) ? placesOf(plain(value), file, root).find(isFolder) : undefined;
        return path === undefined ? [] : [{ from: relative(root, file).replaceAll('\\', '/'), path }];
      }),
    )
    .slice(0, MOST_NAMED);
}

/** What Symfony and Spring put before a path. */
function plain(value: string): string {
  return value.replace(/^(?:%kernel\.project_dir%|file:)\/?/, '');
}
