// The map of migrations as text, newest first, in the manner of `git log --graph`.
import type { MigrationMap } from '../../engine/engine';
import { countOf, printable } from './words';

type Entry = MigrationMap['migrations'][number];

const SIGNS = { applied: '*', pending: 'o', unknown: '?' } as const;
const BACKUPS_SHOWN = 3;

/** A line for each migration; lines between them where branches part or meet. */
export function graphText({ tool, migrations, unknown }: MigrationMap): string {
  if (migrations.length === 0) {
    return 'No migrations were found in the project.';
  }
  const lines: string[] = [];
  // Each lane waits for the revision that comes next in it.
  let lanes: string[] = [];
  for (const entry of [...migrations].reverse()) {
    const own = lanes.indexOf(entry.revision);
    const at = own < 0 ? lanes.length : own;
    const width = Math.max(lanes.length, at + 1);
    const cells = Array.from({ length: width }, (_cell, lane) =>
      lane === at ? SIGNS[entry.state] : lanes[lane] === entry.revision ? '/' : '|',
    );
    lines.push(`${cells.join(' ')}  ${entryText(entry)}`);
    const rest = lanes.filter((revision, lane) => lane !== at && revision !== entry.revision);
    const before = lanes.slice(0, at).filter((revision) => revision !== entry.revision).length;
    const next = entry.parents.length === 0 ? rest : [...rest.slice(0, before), ...entry.parents, ...rest.slice(before)];
    if (entry.parents.length > 1) {
      lines.push(next.map((_revision, lane) => (lane > before && lane < before + entry.parents.length ? '\\' : '|')).join(' '));
    }
    lanes = next;
  }
  const strange = unknown.map((revision) => `The database is at ${printable(revision)}, which no file here has.`);
  const legend = `* applied  o pending${migrations.some(({ state }) => state === 'unknown') ? '  ? unknown' : ''}${tool === null ? '' : `  (${printable(tool)})`}`;
  return [...strange, ...lines, legend].join('\n');
}

function entryText({ revision, title, isHead, isCurrent, backups }: Entry): string {
  const marks = [...(isCurrent ? ['database'] : []), ...(isHead ? ['head'] : [])];
  const named = backups.slice(0, BACKUPS_SHOWN).map(printable).join(', ');
  const more = backups.length > BACKUPS_SHOWN ? `, ${countOf(backups.length - BACKUPS_SHOWN, 'more backup')}` : '';
  return [
    printable(revision),
    ...(marks.length > 0 ? [`(${marks.join(', ')})`] : []),
    printable(title),
    ...(backups.length > 0 ? [`[${named}${more}]`] : []),
  ]
    .join(' ')
    .trimEnd();
}
