// The commands that projects with Knex, Drizzle and Prisma are offered, run with the real tools.
import { EMPTY, provesOffers } from '../../support/offered-command';

const knexfile = (connection: string, more = ''): string =>
  `${more}module.exports = { client: 'better-sqlite3', useNullAsDefault: true, connection: ${connection} };\n`;
const KNEX = {
  'migrations/1_first.js': `exports.up = (knex) => knex.schema.createTable('one', (t) => t.increments());\nexports.down = async () => {};\n`,
};
const scripts = (name: string, line: string): Record<string, string> => ({
  'package.json': JSON.stringify({ private: true, scripts: { [name]: line } }),
});
const below = (folder: string, files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));
const DRIZZLE = {
  'drizzle/meta/_journal.json':
    '{"version":"7","dialect":"sqlite","entries":[{"idx":0,"version":"6","when":1,"tag":"0000_a","breakpoints":true}]}',
  'drizzle/0000_a.sql': 'CREATE TABLE a (id integer);',
};
const drizzle = (url: string, out = './drizzle'): string =>
  `module.exports = { dialect: 'sqlite', out: '${out}', schema: './s.js', dbCredentials: { url: ${url} } };\n`;
const PRISMA = {
  'prisma/schema.prisma': 'datasource db {\n  provider = "sqlite"\n  url = "file:./dev.db"\n}\n',
  'prisma/migrations/migration_lock.toml': 'provider = "sqlite"\n',
  'prisma/migrations/20240101000000_first/migration.sql': 'CREATE TABLE one (id INTEGER PRIMARY KEY);\n',
};
const prisma = (url: string): string =>
  `import { PrismaBetterSQLite3 } from '@prisma/adapter-better-sqlite3';\nexport default { experimental: { adapter: true }, engine: 'js', schema: 'prisma/schema.prisma', adapter: async () => new PrismaBetterSQLite3({ url: ${url} }) };\n`;
const QUEUED = `module.exports = { up: (query, types) => query.createTable('one', { id: { type: types.INTEGER, primaryKey: true } }), down: async () => {} };\n`;

describe('The command that a project of Node is offered, run with the real tool,', function () {
  this.timeout(300_000);
  provesOffers({
    'Knex in its folder': {
      files: below('server', { ...KNEX, 'knexfile.js': knexfile("{ filename: require('path').join(__dirname, '../data/app.db') }") }),
      database: 'data/app.db',
      command: 'cd server && npx knex migrate:latest',
      node: 'knex',
    },
    'Knex by the package’s script': {
      files: {
        ...KNEX,
        'knexfile.js': knexfile("{ filename: process.env.DB_FILE || './app.db' }"),
        ...scripts('db:migrate', 'knex migrate:latest'),
      },
      database: 'app.db',
      command: 'npm run db:migrate',
      node: 'knex',
    },
    'Knex by a script that names the knexfile': {
      files: {
        ...below('db', { ...KNEX, 'knexfile.js': knexfile("{ filename: './app.db' }") }),
        ...scripts('migrate', 'NODE_ENV=development knex --knexfile db/knexfile.js migrate:latest'),
      },
      database: 'db/app.db',
      command: 'npm run migrate',
      node: 'knex',
    },
    'Knex by a script that changes its folder': {
      files: {
        ...below('db', { ...KNEX, 'knexfile.js': knexfile("{ filename: './app.db' }") }),
        ...scripts('migrate', 'knex migrate:latest --cwd db'),
      },
      database: 'db/app.db',
      command: 'npm run migrate',
      node: 'knex',
    },
    'Knex with a .env beside, which dotenv-cli loads before': {
      files: {
        ...KNEX,
        'knexfile.js': knexfile('{ filename: process.env.DB_FILE }'),
        '.env.local': 'DB_FILE=local.db\n',
        ...scripts('migrate', 'dotenv -e .env.local -- knex migrate:latest'),
      },
      database: 'local.db',
      command: 'npm run migrate',
      node: 'knex',
    },
    'Sequelize by the package’s script': {
      files: {
        'config/config.json': JSON.stringify({ development: { dialect: 'sqlite', storage: './data/dev.sqlite' } }),
        'migrations/20240101000000-one.js': QUEUED,
        'package.json': '{"private":true,"dependencies":{"sequelize":"6"},"scripts":{"migrate":"sequelize db:migrate"}}',
      },
      database: 'data/dev.sqlite',
      command: 'npm run migrate',
      node: 'sequelize',
    },
    'Sequelize by .sequelizerc, in a folder below': {
      files: below('server', {
        '.sequelizerc':
          "const path = require('path');\nmodule.exports = { config: path.resolve('db', 'settings.js'), 'migrations-path': path.resolve('db', 'steps') };\n",
        'db/settings.js':
          "const path = require('path');\nmodule.exports = { development: { dialect: 'sqlite', storage: path.join(__dirname, 'dev.sqlite') }, test: { dialect: 'sqlite', storage: ':memory:' } };\n",
        'db/steps/20240101000000-one.js': QUEUED,
      }),
      database: 'server/db/dev.sqlite',
      command: 'cd server && npx sequelize-cli db:migrate',
      node: 'sequelize',
    },
    'Drizzle with a variable of .env': {
      files: { ...DRIZZLE, '.env': 'DB_FILE_NAME=file:data/app.db\n', 'drizzle.config.js': drizzle('process.env.DB_FILE_NAME') },
      database: 'data/app.db',
      command: 'npx drizzle-kit migrate',
      node: 'drizzle',
    },
    'Drizzle below, its file and its folder relative to the root': {
      files: { ...below('server', { ...DRIZZLE, 'drizzle.config.js': drizzle("'app.db'", 'server/drizzle') }) },
      database: 'app.db',
      exists: EMPTY,
      command: 'npx drizzle-kit migrate --config=server/drizzle.config.js',
      node: 'drizzle',
    },
    'Prisma with an adapter, by the package’s script': {
      files: { ...PRISMA, 'prisma.config.ts': prisma("'file:./prisma/dev.db'"), ...scripts('db:deploy', 'prisma migrate deploy') },
      database: 'prisma/dev.db',
      command: 'npm run db:deploy',
      node: 'prisma',
    },
    'Knex with a .env above, which its dotenv does not find': {
      files: {
        ...below('server', {
          ...KNEX,
          'knexfile.js': knexfile("{ filename: process.env.DB_FILE || './app.db' }", "require('dotenv').config();\n"),
        }),
        '.env': 'DB_FILE=../other.db\n',
      },
      database: 'other.db',
      command: /would migrate server\/app.db instead of other.db/,
      node: 'knex',
    },
  });
});
