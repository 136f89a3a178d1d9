// The words around a restore: the question before it and the result after it, both read from the engine's answers.
import { here } from '../../engine/platform/platform';
import { shownCommand } from '../../engine/platform/shell';
import { t } from '@vscode/l10n';
import type { RestorePlan, RestoreResult, Status } from '../../engine/engine';
import { gitText } from './backup';
import type { Reader } from './reader';
import { isSameRevision, revisionText } from './revision';
import { schemaSentence } from './schema';
import { exactTime, momentOf, relativeTime } from './time';

export interface Question {
  readonly message: string;
  readonly detail: string;
  /** The verb on the button. */
  readonly button: string;
  /** Another button, which shows more instead. */
  readonly more?: string;
}

const PROBLEMS_SHOWN = 8;

/** The question of the modal dialog; a backup with problems gets another one than a good backup. */
export function restoreQuestion(plan: RestorePlan, root: string, reader: Reader, other?: string): Question {
  const name = plan.backup.name;
  const facts = restoreFacts(plan, root, reader);
  if (plan.problems.length > 0) {
    return {
      message: t('“{0}” is damaged. Restore it anyway?', name),
      detail: [t('Verification found:'), listed(plan.problems), ...(other === undefined ? [] : ['', otherText(other)]), '', facts].join(
        '\n',
      ),
      button: t('Restore Anyway'),
      ...(other !== undefined && { more: t('Use the Other') }),
    };
  }
  return { message: restoreMessage(plan), detail: facts, button: t('Restore') };
}

/** Of a damaged backup. */
export function otherText(other: string): string {
  return t('The nearest good backup is “{0}”.', other);
}

/** The question with what would be lost; null: it is not known, and can be shown instead. `isNews`: another line was agreed to. */
export function withLosses(question: Question, losses: string | null, isNews: boolean): Question {
  const news = isNews ? [t('The current data has changed since you were asked.')] : [];
  const known = losses === null ? [] : [losses];
  const first = [...news, ...known].join('\n');
  const detail = first === '' ? question.detail : `${first}\n\n${question.detail}`;
  return { ...question, detail, ...(losses === null && question.more === undefined && { more: t('Show Changes') }) };
}

/** The question before "Undo Last Restore"; the plan is that of restoring the safety backup. `redone`: the restore that was undone before. */
export function undoQuestion(plan: RestorePlan, root: string, reader: Reader, redone: string | null = null): Question {
  const question = restoreQuestion(plan, root, reader);
  if (plan.problems.length > 0) {
    return question;
  }
  const safety = t('Restores the safety backup “{0}”.', plan.backup.name);
  if (redone !== null) {
    const detail = [t('You undid this restore. This brings back the state that the undo replaced.'), safety, question.detail].join('\n');
    return { message: t('Redo the restore of “{0}”?', redone), detail, button: t('Redo Restore') };
  }
  const restored = plan.backup.manifest?.safety?.restored;
  const message = restored
    ? t('Go back to the state before “{0}” was restored?', restored)
    : t('Go back to the state before the last restore?');
  return { message, detail: [safety, question.detail].join('\n'), button: t('Undo Restore') };
}

function restoreMessage(plan: RestorePlan): string {
  if (plan.part !== undefined) {
    const { tables, files } = plan.part;
    const [table, ...others] = tables;
    const what =
      table === undefined
        ? files.length === 1
          ? t('Restore “{0}” from “{1}”?', files[0] ?? '', plan.backup.name)
          : t('Restore {0} files from “{1}”?', files.length, plan.backup.name)
        : t('Restore {0} from “{1}”?', [table, ...others].map(({ name }) => t('table {0}', name)).join(', '), plan.backup.name);
    return what;
  }
  switch (plan.scope) {
    case 'all':
      return t('Restore “{0}”?', plan.backup.name);
    case 'database':
      return t('Restore only the database of “{0}”?', plan.backup.name);
    case 'uploads':
      return t('Restore only the uploads of “{0}”?', plan.backup.name);
  }
}

function restoreFacts(plan: RestorePlan, root: string, reader: Reader): string {
  const warnings = plan.warnings.length > 0 ? ['', t('Note:'), listed(plan.warnings.map(({ message }) => message))] : [];
  if (plan.part !== undefined) {
    return [originText(plan, reader), '', ...partLines(plan.part), '', SAFETY(), ...warnings].join('\n');
  }
  return [
    originText(plan, reader),
    ...(plan.scope === 'uploads' ? [] : [revisionChange(plan)]),
    '',
    ...placesText(plan, root),
    ...methodText(plan),
    '',
    SAFETY(),
    ...warnings,
  ].join('\n');
}

/** What is there now is replaced, what is not is created. */
function placesText({ replaces, creates = [], database }: RestorePlan, root: string): string[] {
  const group = (title: string, paths: readonly string[]): string[] =>
    paths.length === 0 ? [] : [title, ...paths.map((path) => `• ${relativeTo(root, path)}`)];
  const replaced = replaces.filter((path) => !creates.includes(path));
  const gone = database === 'remove' ? replaced.slice(0, 1) : [];
  return [
    ...(replaced.length === 0 ? [t('No existing data will be replaced.')] : []),
    ...group(
      t('Will be replaced:'),
      replaced.filter((path) => !gone.includes(path)),
    ),
    ...group(t('Will be created:'), creates),
  ];
}

/** Rows would refer to missing ones: are the tables at the other end wanted too? */
export function needsQuestion({ obstacles = [] }: RestorePlan, needs: readonly string[]): Question {
  return {
    message: t('Restore {0} too?', needs.join(', ')),
    detail: [...obstacles, t('Nothing has been changed.')].join('\n'),
    button: t('Continue...'),
  };
}

const SAFETY = (): string => t('A safety backup of the current state is created first. “Undo Last Restore” brings it back.');

/** What becomes of the rows of each table, and that nothing else is touched. */
function partLines({ tables, files }: NonNullable<RestorePlan['part']>): string[] {
  const rows = tables.map(({ name, added, changed, removed }) => {
    const changes = [
      ...(added > 0 ? [added === 1 ? t('1 row comes back') : t('{0} rows come back', added)] : []),
      ...(changed > 0 ? [changed === 1 ? t('1 row changes back') : t('{0} rows change back', changed)] : []),
      ...(removed > 0 ? [removed === 1 ? t('1 newer row is removed') : t('{0} newer rows are removed', removed)] : []),
    ];
    return `• ${name}: ${changes.length === 0 ? t('the same as in the backup') : changes.join(', ')}`;
  });
  const shownFiles = files.slice(0, PROBLEMS_SHOWN).map((file) => `• ${file}`);
  const left = files.length - shownFiles.length;
  return [...rows, ...shownFiles, ...(left > 0 ? [t('• and {0} more', left)] : []), t('Everything else stays as it is.')];
}

function originText({ backup }: RestorePlan, { now, locale }: Reader): string {
  const made = backup.manifest && momentOf(backup.manifest);
  const time = made ? t('Created {0} ({1})', relativeTime(made, now, locale), exactTime(made, locale)) : t('Created at an unknown time');
  const git = backup.manifest?.git;
  const note = backup.manifest?.note ? `\n${t('Note: {0}', backup.manifest.note)}` : '';
  return `${git ? t('{0} on {1}.', time, gitText(git)) : `${time}.`}${note}`;
}

function revisionChange({ revisionsBefore, revisionsAfter }: RestorePlan): string {
  if (isSameRevision(revisionsBefore, revisionsAfter)) {
    return t('Revision: {0}, the same as now.', revisionText(revisionsAfter));
  }
  return t('Revision: {0} in the backup, {1} now.', revisionText(revisionsAfter), revisionText(revisionsBefore));
}

function methodText(plan: RestorePlan): string[] {
  switch (plan.database) {
    case 'in-place':
      return [t('The database will be replaced in place: programs that have it open see the restored data.')];
    case 'remove':
      return [t('The backup has no database: the current one will be removed.')];
    case 'create':
    case 'swap':
    case 'rewrite':
    case 'untouched':
      return [];
  }
}

/** The question where only some rows of a table are meant. */
export function rowsQuestion(question: Question, plan: RestorePlan): Question {
  return { ...question, message: t('Restore the selected rows of {0} from “{1}”?', namesOf(plan.part), plan.backup.name) };
}

/** The first sentence after that. */
export function rowsDone({ part, restored }: RestoreResult): string {
  return t('The selected rows of {0} were restored from “{1}”.', namesOf(part), restored);
}

function namesOf(part: RestoreResult['part']): string {
  return part?.tables.map(({ name }) => name).join(', ') ?? '';
}

function doneText({ part, restored }: RestoreResult): string {
  if (part === undefined) {
    return t('“{0}” was restored.', restored);
  }
  const { tables, files } = part;
  if (tables.length > 0) {
    return tables.length === 1
      ? t('The table {0} was restored from “{1}”.', namesOf(part), restored)
      : t('The tables {0} were restored from “{1}”.', namesOf(part), restored);
  }
  return files.length === 1
    ? t('“{0}” was restored from “{1}”.', files[0] ?? '', restored)
    : t('{0} files were restored from “{1}”.', files.length, restored);
}

/** What was done and where schema and files stand now. `status` is the state after the restore, if it could be read; `done` the first sentence. */
export function restoredText(result: RestoreResult, status: Status | null, done = doneText(result)): string {
  const parts = [done];
  // With a part of the data the schema is what it was.
  if (status && result.part === undefined) {
    parts.push(schemaSentence(status));
  } else if (result.revisionBefore !== result.revisionAfter) {
    parts.push(t('The database is at revision {0}.', result.revisionAfter ?? t('no revision')));
  }
  if (result.commands.length > 0) {
    parts.push(
      t(
        'To bring the database up to date, run: {0}',
        result.commands.map((command) => shownCommand(command, here)).join(here.isWindows ? ', then ' : ' && '),
      ),
    );
  }
  parts.push(...result.warnings.map(({ message }) => message));
  return parts.join(' ');
}

function listed(lines: readonly string[]): string {
  const shown = lines.slice(0, PROBLEMS_SHOWN).map((line) => `• ${line}`);
  const rest = lines.length - shown.length;
  return [...shown, ...(rest > 0 ? [t('• and {0} more, see the log', rest)] : [])].join('\n');
}

/** A path below the project's folder without the folder. */
export function relativeTo(root: string, path: string): string {
  const isBelow = path.startsWith(root) && /^[/\\]/.test(path.slice(root.length));
  return isBelow ? path.slice(root.length + 1) : path;
}
