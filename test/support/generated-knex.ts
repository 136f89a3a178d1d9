// Random Knex projects: knexfiles as people write them, and migrations, some of which fail.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Chance } from './random';

export interface GeneratedKnex {
  readonly root: string;
  readonly database: string;
  readonly knexfile: string;
  readonly style: KnexfileStyle;
  readonly table: string;
  /** Absolute folders of the migrations. */
  readonly folders: readonly string[];
}

export const STYLES = ['flat', 'environments', 'constants', 'function', 'esm', 'typescript'] as const;
export type KnexfileStyle = (typeof STYLES)[number];

const FILES: Readonly<Record<KnexfileStyle, readonly string[]>> = {
  flat: ['knexfile.js', 'knexfile.cjs'],
  environments: ['knexfile.js'],
  constants: ['knexfile.js'],
  function: ['knexfile.js'],
  esm: ['knexfile.js', 'knexfile.mjs'],
  typescript: ['knexfile.ts'],
};

/** What one migration file holds: it makes a table, and some fail afterwards. */
export function tableMigration(name: string, { fails = false, isModule = false, isApart = false } = {}): string {
  const out = (key: string): string => (isModule ? `export const ${key} =` : `exports.${key} =`);
  const failure = fails ? 'throw new Error("half way"); ' : '';
  return [
    `${out('up')} async (knex) => { await knex.schema.createTable('${name}', (t) => t.increments()); ${failure}};`,
    `${out('down')} async (knex) => { await knex.schema.dropTable('${name}'); };`,
    ...(isApart ? [`${out('config')} { transaction: false };`] : []),
    '',
  ].join('\n');
}

/** Writes a project with `size` migrations. */
export function generateKnex(chance: Chance, root: string, size: number, style: KnexfileStyle): GeneratedKnex {
  const folders = chance.is(0.35) ? ['db/one', 'db/another'] : [chance.of(['migrations', 'db/steps'])];
  const file = chance.of(FILES[style]);
  const isModule = style === 'esm';
  const endings = isModule || style === 'typescript' ? ['.js', '.mjs'] : chance.is(0.3) ? ['.js'] : null;
  const table = chance.is(0.35) ? 'done_steps' : 'knex_migrations';
  const section = Object.entries({
    ...(folders[0] === 'migrations' ? {} : { directory: directoryOf(chance, folders, file, style) }),
    ...(table === 'knex_migrations' ? {} : { tableName: `'${table}'` }),
    ...(endings === null ? {} : { loadExtensions: `[${endings.map((each) => `'${each}'`).join(', ')}]` }),
    ...(folders.length > 1 && chance.is(0.5) ? { sortDirsSeparately: 'true' } : {}),
    ...(chance.is(0.15) ? { disableMigrationsListValidation: 'true' } : {}),
  }).map(([key, value]) => `${chance.of([key, `'${key}'`])}: ${value}`);
  const files = new Map([[file, knexfileText(chance, style, `{\n    ${section.map((each) => `${each},`).join('\n    ')}\n  }`)]]);
  if (isModule) {
    files.set('package.json', '{ "type": "module" }');
  }
  for (let index = 0; index < size; index++) {
    const name = `${chance.is(0.2) ? `v${index}` : String(20240101000000 + chance.below(99999))}_step${index}`;
    const ending = isModule ? chance.of(['.js', '.mjs']) : chance.of(['.js', '.js', '.cjs']);
    const kind = { fails: chance.is(0.1), isModule, isApart: chance.is(0.2) };
    files.set(`${chance.of(folders)}/${name}${ending}`, tableMigration(`t${index}`, kind));
  }
  for (const folder of folders) {
    files.set(`${folder}/README.md`, '').set(`${folder}/old.sql`, '');
  }
  for (const [path, content] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return {
    root,
    database: join(root, 'app.db'),
    knexfile: join(root, file),
    style,
    table,
    folders: folders.map((folder) => join(root, folder)),
  };
}

function directoryOf(chance: Chance, folders: readonly string[], file: string, style: KnexfileStyle): string {
  const hasDirname = style !== 'esm' && style !== 'typescript' && !file.endsWith('.mjs');
  const ways = [
    (folder: string) => `'./${folder}'`,
    (folder: string) => `"${folder}"`,
    ...(hasDirname
      ? [
          (folder: string) => `__dirname + '/${folder}'`,
          (folder: string) => `\`\${__dirname}/${folder}\``,
          (folder: string) =>
            `require('path').join(__dirname, ${folder
              .split('/')
              .map((part) => `'${part}'`)
              .join(', ')})`,
        ]
      : []),
  ];
  const values = folders.map((folder) => chance.of(ways)(folder));
  return values.length === 1 ? (values[0] ?? '') : `[${values.join(', ')}]`;
}

function knexfileText(chance: Chance, style: KnexfileStyle, migrations: string): string {
  const base =
    "client: 'better-sqlite3',\n  connection: { filename: './app.db' }, // migrations: { directory: 'elsewhere' }\n  useNullAsDefault: true";
  const config = `{\n  ${base},\n  migrations: ${migrations},\n}`;
  const production =
    "{ client: 'pg', connection: process.env.DATABASE_URL, migrations: { directory: './dist/{migrations}', tableName: 'other' } }";
  const environments = [`development: ${config}`, `${chance.of(['production', "'production'"])}: ${production}`];
  const both = `{\n${(chance.is(0.5) ? environments : environments.reverse()).join(',\n')},\n}`;
  const texts: Readonly<Record<KnexfileStyle, () => string>> = {
    flat: () => `module.exports = ${config};\n`,
    environments: () => `/* migrations: { tableName: 'old' } */\nmodule.exports = ${both};\n`,
    constants: () =>
      `const base = { ${base} };\nconst migrations = ${migrations};\nconst development = { ...base, migrations };\nmodule.exports = { production: ${production}, development };\n`,
    function: () => `module.exports = ${chance.of(['()', 'async ()'])} => (${config});\n`,
    esm: () => chance.of([`export default ${both};\n`, `const config = ${config};\n\nexport default config;\n`]),
    typescript: () =>
      `import type { Knex } from 'knex';\n\nconst config: { [key: string]: Knex.Config } = ${both};\n\nexport default config;\n`,
  };
  return texts[style]();
}
