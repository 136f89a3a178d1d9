// A table of a backup as a document of rows, which grows when more of them are asked for.
import { setTimeout } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { BackupEntry } from '../../engine/engine';
import { MORE_ROWS } from '../text/links';
import { alignedRows } from '../text/rows';
import type { Parts } from '../window/parts';
import type { OpenProject } from '../window/projects';
import { reader } from '../window/reader';

/** Rows that are shown at first, and that come with each "more". */
const ROWS = 1000;
/** VS Code turns off everything for greater documents. */
const MOST_ROWS = 10_000;

/** The row of the tree that stands for it. */
export interface TableRow {
  readonly kind: 'table';
  readonly project: OpenProject;
  readonly entry: BackupEntry;
  readonly table: string;
  /** null: unknown. */
  readonly rows: number | null;
}

interface Shown {
  readonly node: TableRow;
  readonly count: number;
  readonly hasMore: boolean;
}

const shown = new Map<string, Shown>();
let lenses: vscode.Disposable | undefined;

/** Opens the first rows. */
export async function showTable(parts: Parts, node: TableRow): Promise<vscode.Uri> {
  lenses ??= vscode.languages.registerCodeLensProvider({ scheme: 'pats-backup', pattern: '**/*.rows' }, { provideCodeLenses });
  const uri = await fill(parts, node, ROWS);
  await vscode.window.showTextDocument(uri, { preview: true });
  return uri;
}

/** Adds rows to an open document. */
export async function showMoreRows(parts: Parts, path: string): Promise<void> {
  const known = shown.get(path);
  if (known !== undefined) {
    await fill(parts, known.node, known.count + ROWS);
    // The lens is asked for again when the text is there.
    await setTimeout(0);
  }
}

async function fill({ engine, projects, documents }: Parts, node: TableRow, limit: number): Promise<vscode.Uri> {
  const { project, entry, table, rows: total } = node;
  const inside = await engine.lookInside(projects.requestOf(project), { name: entry.name, table, limit: limit + 1 });
  const rows = inside.rows.slice(0, limit);
  const hasMore = inside.rows.length > limit;
  const count = (value: number): string => value.toLocaleString(reader().locale);
  const left = !hasMore
    ? []
    : [
        total === null
          ? vscode.l10n.t('... and more rows')
          : vscode.l10n.t('... and {0} more rows', count(Math.max(1, total - rows.length))),
      ];
  const text = [...alignedRows(inside.columns, rows), ...left].map((line) => `${line}\n`).join('');
  const plain = (name: string): string => name.replaceAll(/[/\\]/g, ' ');
  const uri = documents.update(`${plain(project.name)}/${plain(entry.name)}/${plain(table)}.rows`, text);
  shown.set(uri.path, { node, count: limit, hasMore: hasMore && limit < MOST_ROWS });
  return uri;
}

function provideCodeLenses({ uri }: vscode.TextDocument): vscode.CodeLens[] {
  const known = shown.get(uri.path);
  const top = new vscode.Range(0, 0, 0, 0);
  const lens = (title: string, command: string, ...args: unknown[]): vscode.CodeLens =>
    new vscode.CodeLens(top, { title, command, arguments: args });
  return known === undefined
    ? []
    : [
        ...(known.hasMore ? [lens(vscode.l10n.t('Show {0} More Rows', ROWS.toLocaleString(reader().locale)), MORE_ROWS, uri.path)] : []),
        lens(vscode.l10n.t('Restore This Table...'), 'patsBackup.restoreTable', known.node),
        lens(vscode.l10n.t('Restore These Rows...'), 'patsBackup.restoreRows', known.node),
      ];
}
