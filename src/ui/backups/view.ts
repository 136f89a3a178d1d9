// The tree "Backups": what is in the backups folders, newest first. It keeps nothing: every refresh reads the disk.
import * as vscode from 'vscode';
import type { BackupList, Engine, Storage } from '../../engine/engine';
import { reportOf } from '../../engine/errors';
import { failureText, logFailure } from '../window/failure';
import type { BackupsTree } from '../window/parts';
import type { OpenProject, Projects } from '../window/projects';
import { reader } from '../window/reader';
import { filterText, isEmpty, type Filter } from '../text/filter';
import { setKey, setListed } from '../window/context-keys';
import { BackupsDragAndDrop } from './drag-and-drop';
import { FolderWatch } from './folder-watch';
import { rowsOf } from './groups';
import { rowsInside } from './inside';
import type { Node } from './nodes';
import { rowsOfKey } from './rows-of-key';
import { tooltipOf, treeItem } from './tree-items';

/** Decides which welcome is shown while the tree is empty (context key patsBackup.state). */
type ViewState = 'listed' | 'noFolder' | 'noDatabase' | 'severalDatabases' | 'noBackups' | 'failed';

/** Why there is no listing; the message is for what no welcome tells. */
interface NoList {
  readonly state: ViewState;
  readonly message?: string;
}

export class BackupsView implements BackupsTree, vscode.TreeDataProvider<Node>, vscode.Disposable {
  static readonly id = 'patsBackup.backups';

  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly watch = new FolderWatch();
  private readonly view: vscode.TreeView<Node>;
  private readonly subscriptions: vscode.Disposable;
  private generation = 0;
  private shares: ReadonlyMap<string, Storage['backups'][number]> = new Map();
  private shown = '';
  private rows: Node[] = [];
  private filter: Filter = {};
  /** Read already, for VS Code to fetch in a moment. */
  private next: Node[] | undefined;

  readonly onDidChangeTreeData = this.changed.event;
  /** Fires when backups came, went or changed on disk. */
  readonly onDidChangeOnDisk = this.watch.onDidChange;

  constructor(
    private readonly engine: Engine,
    private readonly projects: Projects,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.view = vscode.window.createTreeView(BackupsView.id, {
      treeDataProvider: this,
      canSelectMany: true,
      showCollapseAll: false,
      dragAndDropController: new BackupsDragAndDrop(),
    });
    this.subscriptions = vscode.Disposable.from(
      this.view,
      this.changed,
      this.watch,
      this.watch.onDidChange(() => {
        this.refresh();
      }),
      // Ages are read again when somebody looks.
      this.view.onDidChangeVisibility(({ visible }) => {
        if (visible) {
          this.refresh();
        }
      }),
    );
  }

  refresh(): void {
    if (this.view.visible) {
      void this.refreshWhenRead();
    } else {
      this.changed.fire(undefined);
    }
  }

  /**
   * Reads first and tells VS Code only of what looks different: from the event until it has the new rows, a row that
   * the user has just right-clicked is unknown to the command.
   */
  private async refreshWhenRead(): Promise<void> {
    const generation = ++this.generation;
    const nodes = await this.roots();
    if (generation === this.generation && (lookOf(nodes) !== this.shown || nodes.some(hasRowsBelow))) {
      this.next = nodes;
      this.changed.fire(undefined);
    }
  }

  /** Says the ages of this moment, without reading anything again. */
  showAges(): void {
    if (this.view.visible && this.rows.length > 0 && (lookOf(this.rows) !== this.shown || this.rows.some(hasRowsBelow))) {
      this.next = this.rows;
      this.changed.fire(undefined);
    }
  }

  /** What the backups take together stands beside the title, the share of each in its tooltip, by path. */
  showStorage(summary: string, shares: ReadonlyMap<string, Storage['backups'][number]>): void {
    this.view.description = summary;
    this.shares = shares;
  }

  shareOf(path: string): Storage['backups'][number] | undefined {
    return this.shares.get(path);
  }

  rowsOfKey(): Promise<readonly Node[]> {
    const idOf = (node: Node): string => treeItem(node).id ?? '';
    return rowsOfKey(this.view, idOf, () => vscode.commands.executeCommand('list.toggleSelection'));
  }

  /** What stands beside the title. */
  get description(): string {
    return this.view.description ?? '';
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return treeItem(node);
  }

  resolveTreeItem(item: vscode.TreeItem, node: Node): vscode.TreeItem {
    const tooltip = tooltipOf(node, node.kind === 'backup' ? this.shareOf(node.entry.path) : undefined);
    if (tooltip) {
      item.tooltip = tooltip;
    }
    return item;
  }

  async getChildren(parent?: Node): Promise<Node[]> {
    if (parent) {
      return this.below(parent);
    }
    const nodes = this.next ?? (await this.roots());
    this.next = undefined;
    this.rows = nodes;
    this.shown = lookOf(nodes);
    return nodes;
  }

  private async roots(): Promise<Node[]> {
    const projects = this.projects.all();
    const [only] = projects;
    if (!only) {
      await this.show('noFolder');
      return [];
    }
    if (projects.length === 1) {
      return this.ofProject(only, true);
    }
    await this.show('listed', this.filterWords([], null));
    return projects.map((project) => ({ kind: 'project', project }));
  }

  private async below(parent: Node): Promise<Node[]> {
    switch (parent.kind) {
      case 'group':
        return [...parent.nodes];
      case 'project':
        return this.ofProject(parent.project, false);
      case 'dumps':
        return parent.dumps.map((dump) => ({ kind: 'dump', project: parent.project, dump }));
      case 'waiting':
      case 'dump':
        return [];
      case 'backup':
      case 'database':
      case 'table':
      case 'folder':
      case 'file':
        return rowsInside(this.engine, this.projects, parent);
    }
  }

  /** `alone`: the project is the whole tree, so that its state is the view's. */
  private async ofProject(project: OpenProject, alone: boolean): Promise<Node[]> {
    const listing = await this.listing(project);
    if ('state' in listing) {
      await this.show(listing.state, listing.message);
      return [];
    }
    this.watch.watch(listing.backupsFolder);
    const words = { safety: vscode.l10n.t('Safety Backups'), undated: vscode.l10n.t('No Date') };
    const nodes = rowsOf(project, listing, this.filter, reader(), words);
    if (alone) {
      const isEmptyFolder = listing.backups.length + listing.dumps.length === 0 && nodes.length === 0;
      await this.show(isEmptyFolder ? await this.whyEmpty(project) : 'listed', this.filterWords(nodes, listing));
    }
    return nodes;
  }

  listed({ root }: OpenProject, list: BackupList): void {
    setListed(
      root,
      list,
      this.projects.all().map((project) => project.root),
    );
  }

  /** Shows only what passes; an empty filter shows everything. */
  filterBy(filter: Filter): void {
    this.filter = filter;
    setKey('isFiltered', !isEmpty(filter));
    this.changed.fire(undefined);
  }

  /** What is filtered by now. */
  get filteredBy(): Filter {
    return this.filter;
  }

  private filterWords(nodes: readonly Node[], listing: BackupList | null): string {
    if (isEmpty(this.filter)) {
      return '';
    }
    const words = filterText(this.filter);
    const count = nodes.flatMap((node) => (node.kind === 'group' ? node.nodes : [])).length;
    return listing === null
      ? vscode.l10n.t('Filtered: {0}', words)
      : vscode.l10n.t('Filtered: {0} ({1} of {2} backups)', words, count, listing.backups.length);
  }

  private async listing(project: OpenProject): Promise<BackupList | NoList> {
    try {
      const list = await this.engine.list(this.projects.requestOf(project));
      this.listed(project, list);
      return list;
    } catch (error) {
      logFailure(this.log, 'list', error);
      return reportOf(error).code === 'DATABASE_AMBIGUOUS'
        ? { state: 'severalDatabases' }
        : { state: 'failed', message: failureText(error) };
    }
  }

  private async whyEmpty(project: OpenProject): Promise<ViewState> {
    try {
      const { project: found, question, searched } = await this.engine.discover(this.projects.requestOf(project));
      if (found.database !== null || found.databasePlace !== undefined || found.uploads.length > 0) {
        return 'noBackups';
      }
      this.log.info(`No database in ${project.root}. Looked at: ${searched.join('; ')}`);
      return question !== null ? 'severalDatabases' : 'noDatabase';
    } catch (error) {
      logFailure(this.log, 'discover', error);
      return 'noDatabase';
    }
  }

  private async show(state: ViewState, message = ''): Promise<void> {
    // A message takes the place of the welcome, so that there is one only where no welcome fits.
    this.view.message = message;
    await vscode.commands.executeCommand('setContext', 'patsBackup.state', state);
  }
}

/** Rows below others are read when VS Code asks for them. */
function hasRowsBelow(node: Node): boolean {
  return node.kind === 'project';
}

/** Everything that decides how rows look and what their commands get. */
function lookOf(nodes: readonly Node[]): string {
  const rows = nodes.flatMap((node): unknown[] =>
    node.kind === 'group' ? [treeItem(node), ...node.nodes.map((below) => [below, treeItem(below)])] : [[node, treeItem(node)]],
  );
  return JSON.stringify(rows);
}
