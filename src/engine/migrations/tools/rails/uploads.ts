// Where Active Storage keeps what users upload: the disk services of config/storage.yml; public/uploads of CarrierWave, public/system of Paperclip.
import { dirname, isAbsolute, join, relative } from 'node:path';
import { lookOf } from '../../reading/look';
import type { NamedFolder } from '../../reading/named';
import type { ProjectFolder } from '../../tool';
import { COMPUTED, databaseYml, railsFolder, readChosenYaml } from './config';

export function uploads(project: ProjectFolder): readonly NamedFolder[] {
  const config = databaseYml(project);
  if (config === null) {
    return [];
  }
  const folder = railsFolder(config);
  const storage = join(dirname(config), 'storage.yml');
  const services = lookOf(project).text(storage) === null ? {} : readChosenYaml(storage, project);
  const from = relative(project.root, storage).replaceAll('\\', '/');
  const roots = Object.entries(typeof services === 'object' && services !== null ? services : {}).flatMap(([name, service]) => {
    const { service: kind, root } = typeof service === 'object' && service !== null ? (service as Record<string, unknown>) : {};
    return kind === 'Disk' && typeof root === 'string' && !root.includes(COMPUTED) && name !== 'test'
      ? [{ from: `${name} in ${from}`, path: isAbsolute(root) ? root : join(folder, root) }]
      : [];
  });
  return [...roots, ...['public/uploads', 'public/system'].map((name) => ({ from: name, path: join(folder, name) }))];
}
