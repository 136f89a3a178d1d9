// What Django's settings say about apps and their migrations, as far as it can be read without running them.
import { basename, dirname, join, relative, sep } from 'node:path';
import { filesOf, textOf } from '../../reading/folder-search';
import { tokenize } from '../../reading/python/tokens';
import type { ProjectFolder } from '../../tool';

export interface Settings {
  readonly files: readonly string[];
  /** Every string in the settings, among them the installed apps; null: what is installed cannot be known. */
  readonly strings: readonly string[] | null;
  /** App label -> package of its migrations, where it is not `<app>/migrations`; null: the app has none. */
  readonly modules: ReadonlyMap<string, string | null>;
  /** Label of the app that settings.AUTH_USER_MODEL belongs to. */
  readonly userApp: string | null;
}

export function readSettings(manage: string, project: ProjectFolder): Settings {
  const files = settingsFiles(manage, project);
  const texts = files.map((file) => textOf(file) ?? '');
  const text = texts.join('\n');
  return {
    files,
    strings: /\bINSTALLED_APPS\b/.test(text) ? stringsIn(texts) : null,
    modules: modulesIn(text),
    userApp: /^AUTH_USER_MODEL\s*=\s*['"](\w+)\./m.exec(text)?.[1] ?? null,
  };
}

/** An app is installed by its package, e.g. "shop" or "apps.shop", or by its configuration, "shop.apps.ShopConfig". */
export function isInstalled({ strings }: Settings, folder: string, base: string): boolean {
  if (strings === null) {
    return true;
  }
  const parts = relative(base, folder).split(sep);
  const packages = parts.map((_, index) => parts.slice(index).join('.'));
  return strings.some((value) => packages.some((name) => value === name || value.startsWith(`${name}.`)));
}

/** The module that manage.py names, whatever it may import from beside itself, and otherwise what is called so. */
function settingsFiles(manage: string, project: ProjectFolder): string[] {
  const base = dirname(manage);
  const files = filesOf(project).filter((file) => file.startsWith(join(base, sep)) && file.endsWith('.py'));
  const named = /DJANGO_SETTINGS_MODULE['"]\s*,\s*['"]([\w.]+)['"]/.exec(textOf(manage) ?? '')?.[1]?.replaceAll('.', '/');
  const isNamed = (file: string): boolean =>
    named !== undefined && [`${named}.py`, `${named}/__init__.py`].some((path) => file.split(sep).join('/').endsWith(`/${path}`));
  const isCalledSo = (file: string): boolean =>
    /settings/.test(basename(file)) || /^(?:settings|conf|config)$/.test(basename(dirname(file)));
  return files.filter((file) => isNamed(file) || isCalledSo(file));
}

function stringsIn(texts: readonly string[]): string[] | null {
  try {
    return texts.flatMap((text) => tokenize(text).flatMap(({ value }) => value ?? []));
  } catch {
    return null;
  }
}

function modulesIn(text: string): Map<string, string | null> {
  const body = /^MIGRATION_MODULES\s*(?::[^=\n]{1,200})?=\s*\{([^}]{0,10000})\}/m.exec(text)?.[1] ?? '';
  const pairs = body.matchAll(/['"](\w+)['"]\s*:\s*(?:['"]([\w.]+)['"]|None)/g);
  return new Map([...pairs].map(([, label = '', name]) => [label, name ?? null]));
}
