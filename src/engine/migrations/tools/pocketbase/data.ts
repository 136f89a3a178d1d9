// PocketBase keeps everything in pb_data: data.db is the application's, auxiliary.db holds logs, storage the uploaded files.
import { basename, join, relative } from 'node:path';
import { isFile, lookOf } from '../../reading/look';
import type { NamedFolder, SourceAnswer } from '../../reading/named';
import type { ProjectFolder } from '../../tool';
import { said } from '../../../said';

/** https://pocketbase.io/docs/going-to-production/ */
function dataFolders(project: ProjectFolder): string[] {
  return lookOf(project).folders.filter((folder) => basename(folder) === 'pb_data' && isFile(join(folder, 'data.db')));
}

export function databases(project: ProjectFolder): SourceAnswer {
  const named = dataFolders(project).flatMap((folder) => {
    const from = relative(project.root, folder).replaceAll('\\', '/');
    return (['data.db', 'auxiliary.db', 'logs.db'] as const).flatMap((name) => ({
      from: said`The layout of PocketBase in ${from}`,
      written: name,
      places: [join(folder, name)],
      rank: name === 'data.db' ? (0 as const) : (3 as const),
    }));
  });
  return { named, remarks: [] };
}

export function uploads(project: ProjectFolder): readonly NamedFolder[] {
  return dataFolders(project).map((folder) => ({ from: 'pb_data/storage', path: join(folder, 'storage') }));
}
