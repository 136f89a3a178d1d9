// The commands that Rails projects are offered, run with the real Rails.
import { provesOffers } from '../../support/offered-command';

const migration = (name: string, table: string): string =>
  `class ${name} < ActiveRecord::Migration[6.1]\n  def change\n    create_table(:${table}) { |t| t.string :name }\n  end\nend\n`;

/** The files that every application has; `boot` is what it loads before everything else. */
const rails = (database: string, boot = ''): Record<string, string> => ({
  'config/boot.rb': boot,
  'config/application.rb':
    "require_relative 'boot'\nrequire 'rails'\nrequire 'active_record/railtie'\nmodule Shop\n  class Application < Rails::Application\n    config.load_defaults 6.1\n  end\nend\n",
  'config/environment.rb': "require_relative 'application'\nRails.application.initialize!\n",
  'config/environments/development.rb': 'Rails.application.configure { config.eager_load = false }\n',
  Rakefile: "require_relative 'config/application'\nRails.application.load_tasks\n",
  'config/database.yml': database,
  'db/migrate/20240101000000_create_posts.rb': migration('CreatePosts', 'posts'),
  'db/migrate/20240102000000_create_tags.rb': migration('CreateTags', 'tags'),
});
const BIN = {
  'bin/rails': `#!/usr/bin/env ruby\nAPP_PATH = File.expand_path('../config/application', __dir__)\nrequire_relative '../config/boot'\nrequire 'rails/commands'\n`,
};
const YML = (development: string): string => `default: &default
  adapter: sqlite3
  pool: <%= ENV.fetch("RAILS_MAX_THREADS") { 5 } %>
  timeout: 5000
development:
${development.includes('primary') ? '' : '  <<: *default\n'}${development.replace(/^(?=.)/gm, '  ')}
test:
  <<: *default
  database: db/test.sqlite3
production:
  <<: *default
  database: db/production.sqlite3
`;
const below = (folder: string, files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));
const GEMFILE = "source 'https://gems.invalid'\ngem 'railties'\ngem 'activerecord'\ngem 'sqlite3'\n";
const BUNDLED = "ENV['BUNDLE_GEMFILE'] ||= File.expand_path('../Gemfile', __dir__)\nrequire 'bundler/setup'\n";
/** What dotenv-rails does, as far as this application needs it. */
const DOTENV = "File.foreach('.env') { |line| name, value = line.chomp.split('=', 2); ENV[name] ||= value }\n";
const MIGRATE = 'bin/rails db:migrate';

const MULTI = `primary:
  <<: *default
  database: storage/development.sqlite3
queue:
  <<: *default
  database: storage/development_queue.sqlite3
  migrations_paths: db/queue_migrate`;
const QUEUE = { 'db/queue_migrate/20240103000000_create_jobs.rb': migration('CreateJobs', 'jobs') };

describe('The command that a Rails project is offered, run with the real Rails,', function () {
  this.timeout(300_000);
  provesOffers({
    'bin/rails, by the Makefile': {
      files: {
        ...rails(YML('database: db/<%= Rails.env %>.sqlite3')),
        ...BIN,
        Makefile: `migrate:\n\t${MIGRATE}\n`,
      },
      database: 'db/development.sqlite3',
      command: 'make migrate',
    },
    'rake where there is no bin/rails, and a URL': {
      files: { ...rails(YML('url: sqlite3:db/development.sqlite3'), BUNDLED), Gemfile: GEMFILE },
      database: 'db/development.sqlite3',
      command: 'bundle exec rake db:migrate',
    },
    'several databases, in a folder below': {
      files: below('backend', { ...rails(YML(MULTI)), ...QUEUE, ...BIN }),
      database: 'backend/storage/development.sqlite3',
      command: `cd backend && ${MIGRATE}`,
      others: ['backend/storage/development_queue.sqlite3'],
    },
    '.env, which dotenv loads, and a bin/rails that is not executable': {
      files: {
        ...rails(YML('database: db/development.sqlite3'), DOTENV),
        'bin/rails': BIN['bin/rails'].replace(/^#.*\n/, ''),
        Gemfile: "gem 'dotenv-rails'\n",
        '.env': 'DATABASE_URL=sqlite3:db/shop.sqlite3\n',
      },
      database: 'db/shop.sqlite3',
      command: `ruby ${MIGRATE}`,
    },
    '.env, which nothing loads': {
      files: {
        ...rails(YML('database: <%= ENV["SHOP_DATABASE"] || "db/development.sqlite3" %>')),
        ...BIN,
        Gemfile: "gem 'rails'\n",
        '.env': 'SHOP_DATABASE=db/shop.sqlite3\n',
      },
      database: 'db/shop.sqlite3',
      command: /would migrate db\/development.sqlite3 instead of db\/shop.sqlite3/,
    },
    'DATABASE_URL of the terminal': {
      files: { ...rails(YML('database: db/development.sqlite3')), ...BIN },
      variables: { DATABASE_URL: 'sqlite3:db/other.sqlite3' },
      database: 'db/development.sqlite3',
      command: /would migrate db\/other.sqlite3 instead of db\/development.sqlite3/,
    },
    'neither bin/rails nor a Rakefile': {
      files: { 'config/database.yml': YML('database: db/development.sqlite3'), 'db/migrate/20240101000000_a.rb': migration('A', 'a') },
      database: 'db/development.sqlite3',
      command: /nothing here says how the application starts its migrations/,
    },
  });
});
