// The map of migrations as a page: a drawing of the history beside a list that says the same in words.
import { t } from '@vscode/l10n';
import type { BackupEntry, MigrationMap } from '../../engine/engine';
import { ACT_ON_BACKUP } from './backup-page';
import { commandLink, escaped } from './html';
import { backupLabel } from './label';
import { OPEN_MIGRATION } from './links';
import { lanesOf, type Lanes, type Place } from './migration-lanes';

const ROW = 30;
const LANE = 18;
const BACKUPS_SHOWN = 2;

/** The body of the page. `backups`: all there are, for their labels; `root`: the project's folder. */
export function migrationMapPage(map: MigrationMap, backups: readonly BackupEntry[], project: string, root: string): string {
  const { tool, migrations, unknown } = map;
  const heading = `<h1>${escaped(t('Migration Map: {0}', project))}</h1>`;
  if (migrations.length === 0) {
    return `${heading}\n<p class="lead">${escaped(t('No migrations were found in this project.'))}</p>`;
  }
  const count = (state: string): number => migrations.filter((entry) => entry.state === state).length;
  const summary = [
    ...(tool === null ? [] : [tool]),
    migrations.length === 1 ? t('1 migration') : t('{0} migrations', migrations.length),
    ...(count('pending') > 0 ? [t('{0} pending', count('pending'))] : []),
  ].join(' · ');
  const strange = unknown.map(
    (revision) =>
      `<section class="problem"><p>${escaped(t('The database is at {0}, which no migration file has.', revision))}</p></section>`,
  );
  const lanes = lanesOf(migrations);
  return [
    heading,
    `<p class="lead">${escaped(summary)}</p>`,
    ...strange,
    `<div class="map">${drawing(lanes)}<ol reversed aria-label="${escaped(t('Migrations, newest first'))}">`,
    ...lanes.rows.map(({ entry }) => rowOf(entry, backups, root)),
    '</ol></div>',
  ].join('\n');
}

/** What the list says, too: it is not read out. */
function drawing({ rows, edges, width }: Lanes): string {
  const lines = edges.map(({ from, to }) => `<path d="${curve(from, to)}"/>`);
  const dots = rows.map(({ entry, lane }, row) => {
    const [x, y] = [xOf(lane), yOf(row)];
    const ring = entry.isCurrent ? `<circle class="ring" cx="${x}" cy="${y}" r="8"/>` : '';
    return `${ring}<circle class="${entry.state}" cx="${x}" cy="${y}" r="4.5"/>`;
  });
  const size = [width * LANE + LANE / 2, rows.length * ROW];
  return `<svg aria-hidden="true" width="${size[0] ?? 0}" height="${size[1] ?? 0}">${lines.join('')}${dots.join('')}</svg>`;
}

/** Leaves its own lane at once, and runs down the other one. */
function curve(from: Place, to: Place): string {
  const [x, y, toX, toY] = [xOf(from.lane), yOf(from.row), xOf(to.lane), yOf(to.row)];
  return x === toX ? `M${x} ${y}V${toY}` : `M${x} ${y}C${x} ${y + ROW * 0.6} ${toX} ${y + ROW * 0.4} ${toX} ${y + ROW}V${toY}`;
}

function xOf(lane: number): number {
  return LANE * (lane + 0.75);
}

function yOf(row: number): number {
  return ROW * (row + 0.5);
}

type Row = MigrationMap['migrations'][number];

function rowOf(
  { revision, title, file, state, isHead, isCurrent, backups: names }: Row,
  backups: readonly BackupEntry[],
  root: string,
): string {
  const states = { applied: t('applied'), pending: t('pending'), unknown: t('unknown') };
  const marks = [
    ...(isCurrent ? [`<span class="mark current">${escaped(t('database'))}</span>`] : []),
    ...(isHead ? [`<span class="mark">${escaped(t('latest'))}</span>`] : []),
    `<span class="mark ${state}">${escaped(states[state])}</span>`,
  ];
  const there = backups.filter(({ name }) => names.includes(name)).sort((one, other) => rank(one) - rank(other));
  const named = there
    .slice(0, BACKUPS_SHOWN)
    .map((entry) => commandLink(backupLabel(entry, backups), ACT_ON_BACKUP, 'patsBackup.showDetails', root, entry.name));
  const left = there.length - named.length;
  const more = left > 0 ? `<span class="more">${escaped(t('and {0} more', left))}</span>` : '';
  const kept = named.length === 0 ? '' : `<span class="backups">${escaped(t('Backups:'))} ${named.join(', ')} ${more}</span>`;
  const name = escaped(title === '' || title === revision ? '' : title);
  return `<li>${commandLink(revision, OPEN_MIGRATION, file)} <span class="title">${name}</span> ${marks.join(' ')} ${kept}</li>`;
}

/** What a person made says most, what was made before a restore least. */
function rank({ manifest }: BackupEntry): number {
  return manifest?.trigger === 'manual' ? 0 : manifest?.trigger === 'safety' ? 2 : 1;
}

/** Of this page alone. */
export const MAP_STYLE = `
main { max-width: none; }
.map { display: flex; margin-top: 1em; }
.map svg { flex: none; overflow: visible; }
.map path { fill: none; stroke: var(--vscode-charts-lines, var(--vscode-descriptionForeground)); stroke-width: 1.5; opacity: 0.7; }
.map circle { stroke: var(--vscode-textLink-foreground); stroke-width: 1.5; fill: var(--vscode-editor-background); }
.map circle.applied { fill: var(--vscode-textLink-foreground); }
.map circle.unknown { stroke: var(--vscode-descriptionForeground); stroke-dasharray: 2 2; }
.map circle.ring { fill: none; stroke: var(--vscode-foreground); }
.map ol { list-style: none; margin: 0; padding: 0; min-width: 0; flex: 1; }
.map li { height: 30px; line-height: 30px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; padding-left: 8px; }
.map li:hover { background: var(--vscode-list-hoverBackground); }
.map li:focus-within { background: var(--vscode-list-hoverBackground); overflow: visible; }
.map li a { text-decoration: underline; text-underline-offset: 3px; }
.map li > a { font-family: var(--vscode-editor-font-family, monospace); }
.map .title { margin: 0 6px; }
.mark { border: 1px solid var(--vscode-widget-border, var(--vscode-panel-border, currentColor)); border-radius: 3px; color: var(--vscode-descriptionForeground); font-size: 0.85em; padding: 1px 5px; }
.mark.current { background: var(--vscode-badge-background); color: var(--vscode-badge-foreground); border-color: var(--vscode-contrastBorder, transparent); }
[class*='vscode-high-contrast'] .mark.current { border-color: currentColor; font-weight: 600; }
.mark.pending { color: var(--vscode-foreground); border-color: var(--vscode-editorWarning-foreground, currentColor); }
.mark.applied { border-color: transparent; }
.backups, .more { color: var(--vscode-descriptionForeground); margin-left: 8px; }
`;

/** The list is one stop of the Tab key: arrows go from row to row and along one, as in VS Code's own lists. */
export const MAP_SCRIPT = `
const rows = Array.from(document.querySelectorAll('.map li'), (row) => Array.from(row.querySelectorAll('a')));
const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
let current = 0;
const stopAt = (row) => {
  rows[current].forEach((link) => { link.tabIndex = -1; });
  current = row;
  rows[current].forEach((link) => { link.tabIndex = 0; });
};
rows.flat().forEach((link) => { link.tabIndex = -1; });
if (rows.length > 0) {
  stopAt(0);
  document.addEventListener('focusin', ({ target }) => {
    const row = rows.findIndex((links) => links.includes(target));
    if (row >= 0) { stopAt(row); }
  });
  document.addEventListener('keydown', (event) => {
    const { key, altKey, ctrlKey, metaKey, shiftKey } = event;
    const column = rows[current].indexOf(document.activeElement);
    const along = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (altKey || ctrlKey || metaKey || shiftKey || (along === undefined && STEPS[key] === undefined)) { return; }
    if (along === undefined) {
      const to = current + (column < 0 && key === 'ArrowDown' ? 0 : STEPS[key]);
      stopAt(Math.min(rows.length - 1, Math.max(0, to)));
    }
    const links = rows[current];
    links[Math.min(links.length - 1, Math.max(0, column + (along ?? 0)))].focus();
    event.preventDefault();
  });
}
`;
