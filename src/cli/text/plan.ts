// What a restore would do, as shown before the question and by --dry-run.
import type { Container, RestorePlan } from '../../engine/engine';
import { shownPath } from './paths';
import { fieldsText } from './table';
import { ageText, countOf, printable, revisionText, timeText } from './words';

const DATABASE: Record<RestorePlan['database'], string> = {
  'in-place': 'replaced in place, so that a running app sees the restored data',
  swap: 'replaced as a whole file',
  rewrite: 'rewritten, because the file is mounted by itself',
  create: 'created, there is none now',
  remove: 'removed, there was none',
  untouched: 'left as it is',
};

export function planText(plan: RestorePlan, root: string, now: Date): string {
  const { manifest } = plan.backup;
  const made = manifest ? `${timeText(manifest.created_at)} (${ageText(manifest.created_at, now)})` : '';
  const git = manifest?.git ? [manifest.git.branch, manifest.git.commit?.slice(0, 7)].filter(Boolean).join(' at ') : '';
  const fields = fieldsText([
    ['Restore', printable(plan.backup.name)],
    ['Created', made],
    ['Note', printable(manifest?.note ?? '')],
    ['Git', printable(git)],
    ['Database', plan.part && plan.database !== 'untouched' ? 'only what is listed here' : DATABASE[plan.database]],
    ['Tables', (plan.part?.tables ?? []).map(tableText).join('\n')],
    ['Uploads', plan.uploads === 'replace' ? (plan.part ? 'only the files listed here' : 'replaced') : 'left as they are'],
    ['Revision', plan.database === 'untouched' ? '' : revisionChange(plan)],
    ['Replaces', plan.replaces.map((path) => shownPath(path, root)).join('\n')],
    ['Damage', plan.problems.map(printable).join('\n')],
    ['Attention', plan.warnings.map(({ message }) => printable(message)).join('\n')],
  ]);
  const damage = plan.problems.length > 0 ? ['The backup is damaged: a restore needs --even-if-damaged.'] : [];
  return [fields, ...damage, 'A safety backup of the current state is created first;', '"pats-backup undo" brings it back.'].join('\n');
}

/** "applications: 3 rows come back, 1 changes back, 2 newer ones go". */
export function tableText({ name, added, changed, removed }: NonNullable<RestorePlan['part']>['tables'][number]): string {
  const parts = [
    ...(added > 0 ? [`${countOf(added, 'row')} come back`.replace(/^1 row come/, '1 row comes')] : []),
    ...(changed > 0 ? [`${countOf(changed, 'row')} change back`.replace(/^1 row change/, '1 row changes')] : []),
    ...(removed > 0 ? [`${countOf(removed, 'row')} that the backup lacks ${removed === 1 ? 'is' : 'are'} deleted`] : []),
  ];
  return printable(`${name}: ${parts.length === 0 ? 'as in the backup already' : parts.join(', ')}`);
}

function revisionChange(plan: RestorePlan): string {
  const before = printable(revisionText(plan.revisionsBefore));
  const after = printable(revisionText(plan.revisionsAfter));
  return before === after ? `${after}, as now` : `${after}, now ${before}`;
}

/** A running service in the question before its database is replaced; empty: nothing to say. */
export function containerText(container: Container | null): string {
  // What the restore itself stops is said among what needs attention.
  if (container?.running !== true || container.isStoppedByRestore === true) {
    return '';
  }
  const { service, stop, start, locksMayNotCross } = container;
  const why = locksMayNotCross ? "SQLite's locks may not reach into its container: stop" : 'If in doubt, stop';
  return `\nThe compose service ${printable(service)} mounts the database and is running. ${why} it first: ${stop}, later ${start}`;
}

/** What `restore-dump` asks about; what is in the dump is only known when it was loaded aside. */
export function restoreDumpText(file: string): string {
  return [
    `Restore the database from the dump ${printable(file)}?`,
    '  The dump is loaded and checked aside; only then the database is replaced. The uploads stay as they are.',
    '  A safety backup of the current database is created first; "pats-backup undo" brings it back.',
  ].join('\n');
}
