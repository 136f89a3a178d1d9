// What everything in the window works with, built once in extension.ts.
import type * as vscode from 'vscode';
import type { BackupList, Engine, Storage } from '../../engine/engine';
import type { Filter } from '../text/filter';
import type { Operations } from './operations';
import type { OpenProject, Projects } from './projects';
import type { ReadOnlyText } from './read-only-text';

/** The tree of backups, as far as others tell it what to show. */
export interface BackupsTree {
  refresh(): void;
  /** What all backups take, beside the title; the share of each, by path, in its tooltip. */
  showStorage(summary: string, shares: ReadonlyMap<string, Storage['backups'][number]>): void;
  /** What the backup at this path takes, as it was told last. */
  shareOf(path: string): Storage['backups'][number] | undefined;
  /** Hears of a listing that somebody else asked for: menus go by it. */
  listed(project: OpenProject, list: BackupList): void;
  /** Shows only what passes; an empty filter shows everything. */
  filterBy(filter: Filter): void;
  readonly filteredBy: Filter;
  /** The rows that a key means, the one with the focus first: menus pass theirs. */
  rowsOfKey(): Promise<readonly unknown[]>;
}

export interface Parts {
  readonly engine: Engine;
  readonly projects: Projects;
  readonly operations: Operations;
  readonly backups: BackupsTree;
  readonly log: vscode.LogOutputChannel;
  readonly documents: ReadOnlyText;
}
