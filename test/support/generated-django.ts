// Random Django projects on the real disk: apps in packages, merges, squashes, dependencies across apps, odd formatting.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Chance } from './random';

export type Key = readonly [app: string, name: string];

interface GeneratedMigration {
  readonly key: Key;
  readonly dependencies: Key[];
  readonly runBefore: Key[];
  readonly replaces: readonly Key[];
}

export interface GeneratedDjango {
  readonly root: string;
  readonly database: string;
  /** In an order in which they can be applied. */
  readonly migrations: readonly GeneratedMigration[];
}

interface GeneratedApp {
  readonly label: string;
  readonly name: string;
  readonly module: string;
}

export function generateDjango(chance: Chance, root: string, size: number): GeneratedDjango {
  const apps = ['shop', 'blog', 'core', 'people'].slice(0, 1 + chance.below(4)).map((name) => appOf(chance, name));
  const migrations: GeneratedMigration[] = [];
  for (let index = 0; index < size; index++) {
    migrations.push(migrationOf(chance, chance.of(apps).label, migrations));
  }
  for (const { label } of apps) {
    squash(chance, label, migrations);
  }
  const files = new Map<string, string>([['manage.py', manage()]]);
  for (const app of apps) {
    const folder = app.name.replaceAll('.', '/');
    files.set(`${folder}/__init__.py`, '');
    files.set(`${folder}/apps.py`, configOf(app));
    files.set(`${app.module.replaceAll('.', '/')}/__init__.py`, '');
    files.set(`${app.module.replaceAll('.', '/')}/_helper.py`, 'ignored = True');
    for (const migration of migrations.filter(({ key }) => key[0] === app.label)) {
      files.set(`${app.module.replaceAll('.', '/')}/${migration.key[1]}.py`, sourceOf(chance, migration));
    }
  }
  files.set('idle/migrations/__init__.py', '');
  files.set(
    'idle/migrations/0001_initial.py',
    sourceOf(chance, { key: ['idle', '0001_initial'], dependencies: [], runBefore: [], replaces: [] }),
  );
  files.set('conf/__init__.py', '').set('conf/settings.py', settingsOf(chance, apps));
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return { root, database: join(root, 'db.sqlite3'), migrations };
}

function appOf(chance: Chance, name: string): GeneratedApp {
  const label = chance.is(0.25) ? `${name}_app` : name;
  const path = chance.is(0.4) ? `apps.${name}` : name;
  return { label, name: path, module: chance.is(0.2) ? `moved.${label}_migrations` : `${path}.migrations` };
}

function migrationOf(chance: Chance, app: string, before: readonly GeneratedMigration[]): GeneratedMigration {
  const own = before.filter(({ key }) => key[0] === app);
  const others = before.filter(({ key }) => key[0] !== app);
  const leaves = own.filter(
    ({ key }) => !own.some(({ dependencies }) => dependencies.some((each) => each[1] === key[1] && each[0] === app)),
  );
  const name = `${String(own.length + 1).padStart(4, '0')}_${chance.of(['initial', 'add_x', 'merge', 'B', 'squash_me'])}`;
  const from = chance.is(0.08) ? own : leaves;
  const internal = chance.some(from, chance.is(0.5) ? leaves.length : 1).map(({ key }) => key);
  const external = chance.is(0.3) ? chance.some(others, 1 + chance.below(2)).map(({ key }) => key) : [];
  const special: Key[] = chance.is(0.1) && others[0] !== undefined ? [[others[0].key[0], '__first__']] : [];
  const later = before.filter(({ key }) => key[0] !== app && chance.is(0.02));
  return {
    key: [app, name],
    dependencies: [...internal, ...external, ...special],
    // Only what nothing of this one needs can come later.
    runBefore: external.length + special.length + internal.length === 0 ? later.map(({ key }) => key) : [],
    replaces: [],
  };
}

/** A squashed migration for the first ones of an app, whose files may be gone. */
function squash(chance: Chance, app: string, migrations: GeneratedMigration[]): void {
  const own = migrations.filter(({ key }) => key[0] === app);
  if (own.length < 3 || chance.is(0.5)) {
    return;
  }
  const squashed = own.slice(0, 2 + chance.below(own.length - 2));
  const last = squashed.at(-1);
  const external = squashed.flatMap(({ dependencies }) => dependencies.filter(([other]) => other !== app));
  const name = `0001_${chance.of(['everything', `squashed_${last?.key[1] ?? ''}`])}`;
  migrations.push({ key: [app, name], dependencies: external, runBefore: [], replaces: squashed.map(({ key }) => key) });
  if (chance.is(0.3)) {
    for (const gone of squashed) {
      migrations.splice(migrations.indexOf(gone), 1);
    }
  }
}

const tuples = (chance: Chance, keys: readonly Key[]): string => {
  const quote = chance.of(["'", '"']);
  const one = ([app, name]: Key): string => `(${quote}${app}${quote}, ${quote}${name}${quote})`;
  const between = chance.of([', ', ',\n        ', ', # next\n        ']);
  return `[${keys.map(one).join(between)}${keys.length > 0 && chance.is(0.5) ? ',' : ''}]`;
};

function sourceOf(chance: Chance, { key, dependencies, runBefore, replaces }: GeneratedMigration): string {
  const sql = `migrations.RunSQL("""\nCREATE TABLE IF NOT EXISTS "${key.join('_')}" (id integer);\n""", migrations.RunSQL.noop)`;
  const lines = [
    `dependencies = ${tuples(chance, dependencies)}`,
    ...(runBefore.length > 0 ? [`run_before = ${tuples(chance, runBefore)}`] : []),
    ...(replaces.length > 0 ? [`replaces = ${tuples(chance, replaces)}`] : []),
    chance.is(0.3) ? `operations = [\n        ${sql},\n    ]` : 'operations = []',
  ];
  const header = chance.of(['class Migration(migrations.Migration):', 'class Migration(  migrations.Migration ) : # the one']);
  const doc = chance.is(0.3) ? '    """dependencies = [("no", "such")]"""\n' : '';
  const order = chance.some(lines, lines.length);
  return `${chance.is(0.3) ? '# Generated by Django\n' : ''}from django.db import migrations, models\n\n\ndef forwards(apps, schema_editor):\n    dependencies = None\n\n\n${header}\n${doc}\n${order.map((line) => `    ${line}`).join('\n\n')}\n\n\nafter = 1\n`;
}

function configOf({ label, name }: GeneratedApp): string {
  return `from django.apps import AppConfig\n\n\nclass Config(AppConfig):\n    name = '${name}'\n    label = '${label}'\n`;
}

function settingsOf(chance: Chance, apps: readonly GeneratedApp[]): string {
  const installed = apps.map(({ name }) => (chance.is(0.5) ? `'${name}'` : `'${name}.apps.Config'`));
  const moved = apps.filter(({ module, name }) => module !== `${name}.migrations`);
  return [
    "SECRET_KEY = 'x'",
    "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'db.sqlite3'}}",
    `LOCAL_APPS = [${installed.join(', ')}]`,
    "INSTALLED_APPS = ['django.contrib.contenttypes', 'django.contrib.auth'] + LOCAL_APPS  # not 'idle'",
    `MIGRATION_MODULES = {${moved.map(({ label, module }) => `'${label}': '${module}'`).join(',\n    ')}}`,
    "DEFAULT_AUTO_FIELD = 'django.db.models.AutoField'",
    '',
  ].join('\n');
}

function manage(): string {
  return [
    'import os, sys',
    'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conf.settings")',
    'from django.core.management import execute_from_command_line',
    'execute_from_command_line(sys.argv)',
    '',
  ].join('\n');
}
