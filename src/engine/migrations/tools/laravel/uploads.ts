// Where Laravel keeps what users upload: the local disks below storage/app.
import { join } from 'node:path';
import type { NamedFolder } from '../../reading/named';
import type { ProjectFolder } from '../../tool';
import { laravelFolders } from './databases';

export function uploads(project: ProjectFolder): readonly NamedFolder[] {
  return laravelFolders(project).map((folder) => ({ from: 'storage/app', path: join(folder, 'storage/app') }));
}
