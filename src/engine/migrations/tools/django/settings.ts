// What Django's settings say, read without running them: apps, their migrations, databases and media.
import { basename, dirname, join, relative, sep } from 'node:path';
import { onceFor, variablesAt } from '../../reading/env-files';
import { lookOf } from '../../reading/look';
import { surroundings } from '../../reading/python/evaluate';
import { attribute, lookUp } from '../../reading/python/names';
import { moduleOf, type Module } from '../../reading/python/scope';
import type { Token } from '../../reading/python/tokens';
import { Unknown, type Surroundings, type Value } from '../../reading/python/values';
import { isAside, isLibrary } from '../../reading/vendored';
import type { ProjectFolder } from '../../tool';

export interface Settings {
  readonly files: readonly string[];
  /** The installed apps, as written; null: what is installed cannot be known. */
  readonly installed: readonly string[] | null;
  /** App label -> package of its migrations, where it is not `<app>/migrations`; null: the app has none. */
  readonly modules: ReadonlyMap<string, string | null>;
  /** Label of the app that settings.AUTH_USER_MODEL belongs to. */
  readonly userApp: string | null;
}

/** The project's manage.py; null: there is none that is its own. */
export function manageOf(project: ProjectFolder): string | null {
  const all = lookOf(project).files.filter((file) => basename(file) === 'manage.py');
  const own = all.filter((file) => !isLibrary(file, project.root) && !isAside(relative(project.root, file)));
  const isDjango = (file: string): boolean => /django/i.test(lookOf(project).text(file) ?? '');
  return own.find(isDjango) ?? own[0] ?? all[0] ?? null;
}

export function readSettings(manage: string, project: ProjectFolder): Settings {
  const files = settingsFiles(manage, project);
  const text = files.map((file) => lookOf(project).text(file) ?? '').join('\n');
  return {
    files,
    installed: installedIn(files.flatMap((file) => moduleOf(project, file) ?? [])),
    modules: modulesIn(text),
    userApp: /^AUTH_USER_MODEL\s*=\s*['"](\w+)\./m.exec(text)?.[1] ?? null,
  };
}

/** Tells of an app's folder whether it is installed: by its package, e.g. "shop" or "apps.shop", or by its configuration, "shop.apps.ShopConfig". */
export function installedApps({ installed }: Settings, base: string): (folder: string) => boolean {
  const packages = new Set((installed ?? []).flatMap((value) => packagesAbove(value)));
  return (folder) => {
    const parts = relative(base, folder).split(sep);
    return installed === null || parts.some((_, index) => packages.has(parts.slice(index).join('.')));
  };
}

const LONGEST_NAME = 1000;

/** "a.b.C" -> "a.b.C", "a.b", "a"; of what is no name, itself. */
function packagesAbove(value: string): string[] {
  const names = [value];
  for (let end = value.lastIndexOf('.'); end > 0 && value.length <= LONGEST_NAME; end = value.lastIndexOf('.', end - 1)) {
    names.push(value.slice(0, end));
  }
  return names;
}

/** The values of a setting in the modules that may hold it, what manage.py names first; each with its module. */
export function settingIn(name: string, manage: string, project: ProjectFolder): { readonly value: Value; readonly module: Module }[] {
  const around = surroundings(project, dirname(manage));
  return settingsFiles(manage, project).flatMap((file) => {
    const module = moduleOf(project, file);
    const value = module === null ? undefined : (lookUp(name, module.scope, around) ?? ofConfiguration(name, module, manage, around));
    return module === null || value === undefined ? [] : [{ value, module }];
  });
}

/** django-configurations: the settings are the class that DJANGO_CONFIGURATION names. */
function ofConfiguration(name: string, module: Module, manage: string, around: Surroundings): Value | undefined {
  const text = lookOf(module.project).text(manage) ?? '';
  const written = /DJANGO_CONFIGURATION['"]\s*(?:,|\]\s*=)\s*['"](\w+)['"]/.exec(text)?.[1];
  const scope = module.scope.classes.get(around.variables.get('DJANGO_CONFIGURATION') ?? written ?? '');
  const value = scope === undefined ? undefined : attribute(scope, name, around, 0);
  return value instanceof Unknown && value.tail === '' ? undefined : value;
}

/** Most settings that anybody chooses from. */
const MOST_CHOICES = 8;

/** The dotted names of the modules that `--settings` can name, without those for tests. */
export function settingsNames(manage: string, project: ProjectFolder): string[] {
  return settingsFiles(manage, project)
    .map((file) => relative(dirname(manage), file).split(sep).join('/'))
    .filter((path) => !isAside(path) && !/test/i.test(path))
    .map((path) => path.replace(/(?:\/__init__)?\.py$/, '').replaceAll('/', '.'))
    .filter((name) => /^[a-z_]\w*(?:\.[a-z_]\w*)*$/i.test(name))
    .slice(0, MOST_CHOICES);
}

/** The module that manage.py names, whatever it may import from beside itself, and otherwise what is called so. */
function settingsFiles(manage: string, project: ProjectFolder): string[] {
  const look = lookOf(project);
  return onceFor(project, 'django settings', manage, () => {
    const base = dirname(manage);
    const files = look.files.filter((file) => file.startsWith(join(base, sep)) && file.endsWith('.py') && !isLibrary(file, project.root));
    const chosen = [...variablesAt(project, base)].find(([name]) => name === 'DJANGO_SETTINGS_MODULE')?.[1];
    const written =
      /DJANGO_SETTINGS_MODULE['"]\s*(?:,|\]\s*=)\s*(?:os\.(?:getenv|environ\.get)\(\s*['"]\w+['"]\s*,\s*)?['"]([\w.]+)['"]/.exec(
        look.text(manage) ?? '',
      )?.[1];
    const named = (chosen ?? written)?.replaceAll('.', '/');
    const isNamed = (file: string): boolean =>
      named !== undefined && [`${named}.py`, `${named}/__init__.py`].some((path) => file.split(sep).join('/').endsWith(`/${path}`));
    const isCalledSo = (file: string): boolean =>
      /settings/.test(basename(file)) || /^(?:settings|conf|config)$/.test(basename(dirname(file)));
    const others = files.filter((file) => !isNamed(file) && isCalledSo(file));
    return [...files.filter(isNamed), ...others.sort((a, b) => distanceOf(a) - distanceOf(b))];
  });
}

/** Where nothing names the settings: those of a developer's machine before what all share, and hosts last. */
function distanceOf(file: string): number {
  const name = basename(file, '.py');
  return /dev|local/i.test(name)
    ? 0
    : /prod|stag|^ci$|deploy|heroku|cloud|docker/i.test(name)
      ? 3
      : /^(?:base|common|defaults?|shared)$/i.test(name)
        ? 2
        : 1;
}

/** Lists of apps that INSTALLED_APPS is made of. */
const MOST_LISTS = 200;
const CHANGES = ['append', 'extend', 'insert'];

/** The value of INSTALLED_APPS: the texts of all that is assigned and added to it, and of the lists that it is made of. */
function installedIn(modules: readonly Module[]): string[] | null {
  const found = new Set<string>();
  const names = new Set(['INSTALLED_APPS']);
  const statements = modules.flatMap((module) => module.statements);
  let isThere = false;
  for (const name of names) {
    for (const { tokens, scope } of statements) {
      const value = scope.kind === 'function' ? null : givenTo(name, tokens);
      isThere ||= value !== null;
      value?.forEach((token, index) => {
        if (token.value !== null) {
          found.add(token.value);
        } else if (token.kind === 'name' && names.size < MOST_LISTS && value[index + 1]?.text !== '(' && value[index - 1]?.text !== '.') {
          names.add(token.text);
        }
      });
    }
  }
  return isThere ? [...found] : null;
}

/** What a statement assigns or adds to a name. */
function givenTo(name: string, tokens: readonly Token[]): readonly Token[] | null {
  const [first, second, third] = tokens;
  if (first?.text !== name || first.kind !== 'name') {
    return null;
  }
  if (second?.text === '=' || second?.text === '+=') {
    return tokens.slice(2);
  }
  const at = second?.text === ':' ? tokens.findIndex(({ text }) => text === '=') : -1;
  return at > 0 ? tokens.slice(at + 1) : second?.text === '.' && CHANGES.includes(third?.text ?? '') ? tokens.slice(3) : null;
}

function modulesIn(text: string): Map<string, string | null> {
  const body = /^MIGRATION_MODULES\s*(?::[^=\n]{1,200})?=\s*\{([^}]{0,10000})\}/m.exec(text)?.[1] ?? '';
  const pairs = body.matchAll(/['"](\w+)['"]\s*:\s*(?:['"]([\w.]+)['"]|None)/g);
  return new Map([...pairs].map(([, label = '', name]) => [label, name ?? null]));
}
