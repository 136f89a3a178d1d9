// What `pats-backup status` prints.
import { here } from '../../engine/platform/platform';
import { shownCommand } from '../../engine/platform/shell';
import type { Container, SchemaStateName, Status } from '../../engine/engine';
import { shownPath } from './paths';
import { fieldsText } from './table';
import { ageText, countOf, printable, revisionText } from './words';

const STATES: Record<SchemaStateName, string> = {
  current: 'current: all migrations are applied',
  behind: 'behind',
  ahead: 'ahead: the database has migrations that these files do not have',
  diverged: 'diverged: database and files went different ways',
  'unknown-revision': 'unknown revision: no migration file here has it',
  'several-heads': 'several heads: the migrations need a merge',
  'half-applied': 'half-applied: a migration failed on its way',
  'never-migrated': 'never migrated',
  'no-migrations': 'no migrations found in the project',
  'no-database': 'no database',
  'cannot-analyse': 'the migration files cannot be analysed',
};

export interface Surroundings {
  /** Say why this database, and why not the others. */
  readonly explain: boolean;
  /** Where a database was looked for, when there is none. */
  readonly searched: readonly string[];
  /** The compose service that mounts the database. */
  readonly container: Container | null;
  readonly root: string;
  readonly now: Date;
}

export function statusText(status: Status, { explain, searched, container, root, now }: Surroundings): string {
  const fields = fieldsText([
    ['Database', databaseText(status, searched, root)],
    ['Not protected', status.notProtected.map((path) => shownPath(path, root)).join('\n')],
    ['Service', container === null ? '' : containerText(container)],
    [
      'Revision',
      status.database === null && isOnThisMachine(status) ? '' : printable(isUnread(status) ? 'unknown' : revisionText(status.revisions)),
    ],
    ['Schema', schemaText(status)],
    [
      'Pending',
      pendingOf(status)
        .map((migration) => printable(`${migration.revision}  ${migration.title}`))
        .join('\n'),
    ],
    ['Leftovers', status.halfApplied.map(printable).join('\n')],
    ['Problems', status.problems.map((problem) => printable(problemText(problem, root))).join('\n')],
    [
      'Next',
      status.pending.length > 0
        ? printable(status.commands.apply === undefined ? (status.commandProblem ?? '') : shownCommand(status.commands.apply, here))
        : '',
    ],
    ['Last backup', lastBackupText(status, now)],
    ['Changes', status.lastBackup ? changesText(status.changedSinceBackup) : ''],
  ]);
  const reasons = explain ? `${fields}\n\n${candidatesText(status, root)}` : fields;
  return status.database === null && isOnThisMachine(status)
    ? `${reasons}\nName the database with --database, or set patsBackup.database in .vscode/settings.json.`
    : reasons;
}

function isOnThisMachine({ databasePlace = null }: Status): boolean {
  return databasePlace === null;
}

/** The database could not be read: what it has is another question. */
function isUnread({ state, revisions }: Status): boolean {
  return state === 'cannot-analyse' && revisions.length === 0;
}

/** Every database that was considered, the chosen one first. */
function candidatesText({ candidates }: Status, root: string): string {
  const text = (each: Status['candidates'][number]): string =>
    `${each.chosen ? 'chosen    ' : 'not chosen'}  ${shownPath(each.path, root)}\n${each.reasons.map((reason) => `              ${printable(reason)}`).join('\n')}`;
  const inOrder = [...candidates.filter(({ chosen }) => chosen), ...candidates.filter(({ chosen }) => !chosen)];
  return inOrder.length === 0 ? 'No database was considered.' : inOrder.map(text).join('\n');
}

/** With a revision that no file has, nobody can say which migrations it lacks. */
function pendingOf({ state, pending }: Status): Status['pending'] {
  return state === 'unknown-revision' || state === 'diverged' ? [] : pending;
}

function databaseText(status: Status, searched: readonly string[], root: string): string {
  if (!isOnThisMachine(status)) {
    return `${printable(status.databasePlace ?? '')}${status.state === 'no-database' ? ', which does not exist yet' : ''}`;
  }
  if (status.database === null) {
    return ['none was found', ...searched.map(printable)].join('\n');
  }
  return `${shownPath(status.database, root)}${status.state === 'no-database' ? ', which does not exist yet' : ''}`;
}

function containerText({ service, running }: Container): string {
  const state = running === null ? 'could not tell whether it is running' : running ? 'running' : 'not running';
  return `${printable(service)} of the compose file mounts the database, ${state}`;
}

function schemaText(status: Status): string {
  const text = status.state === 'behind' ? `behind by ${countOf(status.pending.length, 'migration')}` : STATES[status.state];
  return status.tool === null || status.state === 'no-database' ? text : `${text} (${printable(status.tool)})`;
}

function problemText(problem: Status['problems'][number], root: string): string {
  const line = problem.line === undefined ? '' : `, line ${problem.line}`;
  return problem.file === undefined ? problem.message : `${shownPath(problem.file, root)}${line}: ${problem.message}`;
}

function lastBackupText({ lastBackup, revisions }: Status, now: Date): string {
  if (lastBackup === null) {
    return 'none';
  }
  const same = revisionText([...lastBackup.revisions].sort()) === revisionText([...revisions].sort());
  const revision = same ? 'same revision' : `revision ${printable(revisionText(lastBackup.revisions))}`;
  return `${printable(lastBackup.name)}, ${ageText(lastBackup.createdAt, now)}, ${revision}`;
}

function changesText(changed: boolean | null): string {
  return changed === null ? 'unknown' : changed ? 'database or uploads changed since then' : 'none since then';
}
