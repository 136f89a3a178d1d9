// Where Keystone keeps uploaded files and images: `storagePath` of its local storages.
import { dirname, relative, resolve } from 'node:path';
import { MOST_NAMED } from '../../../limits/sizes';
import { lookOf } from '../../reading/look';
import type { NamedFolder } from '../../reading/named';
import type { ProjectFolder } from '../../tool';

export function uploads(project: ProjectFolder): readonly NamedFolder[] {
  const look = lookOf(project);
  return look.files
    .filter((file) => /[\\/]keystone\.[cm]?[jt]s$/.test(file))
    .flatMap((file) =>
      [...(look.text(file) ?? '').matchAll(/\bstoragePath\s*:\s*(["'`])([^"'`$]{1,500})\1/g)]
        .slice(0, MOST_NAMED)
        .map(([, , path = '']) => ({
          from: `storagePath in ${relative(project.root, file).replaceAll('\\', '/')}`,
          path: resolve(dirname(file), path),
        })),
    );
}
