// Where Django keeps what users upload: MEDIA_ROOT, the storages' locations, and the roots of private media.
import { dirname, isAbsolute, join, relative } from 'node:path';
import type { NamedFolder } from '../../reading/named';
import { isFolder, lookOf } from '../../reading/look';
import { evaluateAt, surroundings } from '../../reading/python/evaluate';
import { moduleOf } from '../../reading/python/scope';
import { Dotted, Unknown, type Value } from '../../reading/python/values';
import { isAside, isLibrary } from '../../reading/vendored';
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
    ...inCode(manage, project).flatMap(({ value, file }) => named('FileSystemStorage', value, file)),
  ];
}

function entriesOf(value: Value | undefined): ReadonlyMap<string, Value> {
  return value instanceof Map ? (value as ReadonlyMap<string, Value>) : new Map<string, Value>();
}

/** Modules that are looked at. */
const MOST = 100;

/** `FileSystemStorage(location=...)` of a model's field, with what the settings say. */
function inCode(manage: string, project: ProjectFolder): { readonly value: Value; readonly file: string }[] {
  const look = lookOf(project);
  return look.files
    .filter((file) => file.endsWith('.py') && !isLibrary(file, project.root) && !isAside(relative(project.root, file)))
    .filter((file) => /FileSystemStorage\(/.test(look.text(file) ?? ''))
    .slice(0, MOST)
    .flatMap((file) => {
      const around = surroundings(project, dirname(manage));
      return (moduleOf(project, file)?.statements ?? []).flatMap(({ tokens, scope }) => {
        const at = tokens.findIndex(({ text }, index) => text === 'FileSystemStorage' && tokens[index + 1]?.text === '(');
        const isNamed = tokens[at + 2]?.text === 'location';
        const { value } = at < 0 ? { value: null } : evaluateAt(tokens, at + (isNamed ? 4 : 2), scope, around);
        return { value: meant(value, manage, project), file };
      });
    });
}

/** With `settings.NAME` filled in, also at the beginning of a path. */
function meant(value: Value, manage: string, project: ProjectFolder): Value {
  const name = value instanceof Dotted ? /^django\.conf\.settings\.(\w+)$/.exec(value.path)?.[1] : undefined;
  if (name !== undefined) {
    return settingIn(name, manage, project)[0]?.value ?? null;
  }
  const tail = value instanceof Unknown && /^\/\w/.test(value.tail) ? join(dirname(manage), value.tail) : null;
  return tail !== null && isFolder(tail) ? tail : value;
}
