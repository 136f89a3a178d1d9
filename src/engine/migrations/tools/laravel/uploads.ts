// Where Laravel keeps what users upload: the disks of config/filesystems.php, which without changes lie in storage/app.
import { join, relative } from 'node:path';
import { MOST_NAMED } from '../../../limits/sizes';
import { lookOf } from '../../reading/look';
import type { NamedFolder } from '../../reading/named';
import type { ProjectFolder } from '../../tool';
import { laravelFolders, PATH_CALL, pathOf } from './paths';

const ROOT = new RegExp(String.raw`["']root["']\s*=>\s*${PATH_CALL}`, 'g');
/** What can be made again, or is somebody else's backup. */
const MADE_AGAIN = /cache|temp|tmp|logs?$|export|backup|framework/i;

export function uploads(project: ProjectFolder): readonly NamedFolder[] {
  return laravelFolders(project).flatMap((folder) => {
    const config = join(folder, 'config/filesystems.php');
    const disks = [...(lookOf(project).text(config) ?? '').matchAll(ROOT)].slice(0, MOST_NAMED);
    const paths = disks.map(([, name = '', path]) => pathOf(name, path)).filter((path) => path !== '.' && !MADE_AGAIN.test(path));
    return [
      { from: 'storage/app', path: join(folder, 'storage/app') },
      ...paths.map((path) => ({ from: `root in ${relative(project.root, config).replaceAll('\\', '/')}`, path: join(folder, path) })),
    ];
  });
}
