// Which migration tool a typed command line starts, if it changes the database; "prepare" commands that only write files are none.

import { here, type Platform } from '../../platform/platform';

/** A program's name as it stands in a command line: after a path, a launcher or a quote, and not inside a longer word. */
const START = String.raw`(?:^|[\s(=!@"'\`]|[/\\])`;
const SUFFIX = String.raw`(?:\.(?:exe|cmd|bat|ps1))?["']?`;
/** Options with their values; another verb of the program ends it. */
const OPTIONS = String.raw`\s+(?:-\S+\s+(?:(?:"[^"]*"|'[^']*'|[^\s"'-]\S*)\s+)?)*?`;
/** Anything of the same command, for programs that take several verbs or say first what they work on. */
const ANYTHING = String.raw`\s+(?:[^\s;&|]+\s+)*?`;
const END = String.raw`(?=$|[\s;&|)"'\`])`;

/** What stands for a program; `words` are what it must be asked to do. */
const PATTERNS: readonly (readonly [tool: string, program: string, words: string])[] = [
  ['alembic', 'alembic', 'upgrade|downgrade|stamp'],
  ['flask', 'flask', String.raw`db\s+(?:upgrade|downgrade|stamp)`],
  ['django', String.raw`(?:manage\.py|django-admin)`, 'migrate|flush'],
  ['prisma', 'prisma', String.raw`migrate\s+(?:dev|deploy|reset|resolve)|db\s+push`],
  ['drizzle', 'drizzle-kit', String.raw`migrate|push(?::sqlite)?`],
  ['knex', 'knex', String.raw`migrate:(?:latest|up|down|rollback|forge)`],
  ['typeorm', String.raw`typeorm(?:-ts-node-(?:commonjs|esm))?`, String.raw`migration:(?:run|revert)|schema:(?:sync|drop)`],
  ['sequelize', 'sequelize(?:-cli)?', String.raw`db:(?:migrate(?::undo(?::all)?)?|drop)`],
  [
    'rails',
    String.raw`(?:rails|rake)`,
    String.raw`db:(?:migrate(?::(?:up|down|redo|reset))?|rollback|forward|reset|setup|prepare|drop|schema:load)`,
  ],
  ['laravel', 'artisan', String.raw`migrate(?::(?:fresh|refresh|reset|rollback|install))?|db:wipe`],
  ['flyway', 'flyway', 'migrate|clean|repair|baseline|undo'],
  ['flyway', String.raw`(?:mvnw?|mvn\.cmd)`, String.raw`flyway:(?:migrate|clean|repair|baseline|undo)`],
  ['flyway', String.raw`gradlew?`, 'flyway(?:Migrate|Clean|Repair|Baseline|Undo)'],
  ['goose', 'goose', 'up(?:-by-one|-to)?|down(?:-to)?|redo|reset'],
  ['dbmate', 'dbmate', 'up|migrate|down|rollback|drop'],
  ['diesel', 'diesel', String.raw`migration\s+(?:run|revert|redo)|database\s+(?:reset|setup)|setup`],
  ['sqlx', 'sqlx', String.raw`migrate\s+(?:run|revert)|database\s+(?:reset|drop|setup)`],
  ['ef', String.raw`dotnet(?:-|\s+)ef`, String.raw`database\s+(?:update|drop)`],
  ['ecto', 'mix', String.raw`ecto\.(?:migrate|rollback|reset|drop|setup)`],
  ['yoyo', 'yoyo', 'apply|develop|mark|unmark|rollback|reapply'],
  ['liquibase', 'liquibase', 'update(?:-count|-to-tag)?|rollback(?:-count)?|drop-all|changelog-sync'],
  ['atlas', 'atlas', String.raw`migrate\s+(?:apply|down|set)|schema\s+(?:apply|clean)`],
  // `migrate` alone is a common word: the tool is known by the options that say where its files and its database are.
  ['gomigrate', String.raw`migrate(?=\s)(?=[^;&|]*\s-{1,2}(?:path|source|database)\b)`, 'up|down|goto|force|drop'],
];

/** Programs that take several verbs in one go, or a database before the verb. */
const WORDY: readonly string[] = ['rails', 'flyway', 'goose', 'ecto', 'liquibase', 'gomigrate'];

const COMPILED = PATTERNS.map(([tool, program, words]) => {
  const between = WORDY.includes(tool) ? ANYTHING : OPTIONS;
  const pattern = `${START}${program}${SUFFIX}${between}(?:${words.replaceAll(String.raw`\s+`, OPTIONS)})${END}`;
  // Windows finds programs in capitals, too.
  return { tool, exact: new RegExp(pattern, 'g'), anyCase: new RegExp(pattern, 'gi') };
});

/** Programs that show or write text and start nothing. */
const HARMLESS =
  /^\s*\(?\s*(?:cat|less|more|bat|echo|printf|grep|rg|sed|awk|vi|vim|nano|code|git|gh|ls|cd|man|which|type|history|head|tail|touch|rm|cp|mv|mkdir|diff|#)(?=\s|$)/;
/** What makes the tools say what they would do, or only how they are used. */
const SHOWS_ONLY = /\s(?:--help|-h|--version|--sql|--plan|--check|--check-only|--dry-?run|--pretend|-dryRunOutput=\S+)(?=$|[\s"'`)])/;

export interface MigrationCommand {
  readonly tool: string;
}

/** The migration that this command line starts; null: none that is known. */
export function migrationCommand(commandLine: string, platform: Platform = here): MigrationCommand | null {
  for (const command of commandsIn(commandLine)) {
    const found = HARMLESS.test(command)
      ? undefined
      : COMPILED.find(({ exact, anyCase }) => startsWith(command, platform.isWindows ? anyCase : exact));
    if (found !== undefined) {
      return { tool: found.tool };
    }
  }
  return null;
}

/** Characters of a command line that are looked at. */
const LONGEST = 8192;

/** The commands of one line; what is quoted stays whole. */
export function commandsIn(commandLine: string): string[] {
  const whole = commandLine.slice(0, LONGEST).replace(/[`\\]\r?\n/g, ' ');
  return whole.match(/(?:"(?:\\[^]|[^"\\])*"|'[^']*'|\\[^]|[^;&|\n"'\\]|["'](?![^]*["']))+/g) ?? [];
}

/** In a quoted line of commands, every one of them counts by itself. */
function startsWith(command: string, pattern: RegExp): boolean {
  for (const match of command.matchAll(pattern)) {
    const rest = command.slice(match.index).split(/[;&|]/, 1)[0] ?? '';
    if (!SHOWS_ONLY.test(rest)) {
      return true;
    }
  }
  return false;
}
