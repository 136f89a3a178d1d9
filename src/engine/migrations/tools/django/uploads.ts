// Where Django keeps what users upload: MEDIA_ROOT, the storages' locations, and the roots of private media.
import { dirname, isAbsolute, join, relative } from 'node:path';
import type { NamedFolder } from '../../reading/named';
import type { Value } from '../../reading/python/values';
import type { ProjectFolder } from '../../tool';
import { manageOf, settingIn } from './settings';

/** MEDIA_ROOT is Django's own, the others belong to django-sendfile, django-private-storage, django-filer and the like. */
const ROOTS = ['MEDIA_ROOT', 'PRIVATE_MEDIA_ROOT', 'PROTECTED_MEDIA_ROOT', 'PRIVATE_STORAGE_ROOT', 'SENDFILE_ROOT', 'UPLOAD_ROOT'];

export function uploads(project: ProjectFolder): readonly NamedFolder[] {
  const manage = manageOf(project);
  if (manage === null) {
    return [];
  }
  const named = (from: string, value: Value | undefined, file: string): NamedFolder[] =>
    typeof value === 'string' && value !== '' && value !== '.'
      ? [
          {
            from: `${from} in ${relative(project.root, file).replaceAll('\\', '/')}`,
            path: isAbsolute(value) ? join(value) : join(dirname(manage), value),
          },
        ]
      : [];
  return [
    ...ROOTS.flatMap((root) => settingIn(root, manage, project).flatMap(({ value, module }) => named(root, value, module.file))),
    ...settingIn('STORAGES', manage, project).flatMap(({ value, module }) =>
      [...entriesOf(value)]
        .filter(([alias]) => alias !== 'staticfiles')
        .flatMap(([alias, storage]) =>
          named(`STORAGES["${alias}"]`, entriesOf(entriesOf(storage).get('OPTIONS')).get('location'), module.file),
        ),
    ),
  ];
}

function entriesOf(value: Value | undefined): ReadonlyMap<string, Value> {
  return value instanceof Map ? (value as ReadonlyMap<string, Value>) : new Map<string, Value>();
}
