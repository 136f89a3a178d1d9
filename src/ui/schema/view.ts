// The tree "Schema": where the database stands against the migration files, and what can be looked at about it.
import * as vscode from 'vscode';
import type { Projects } from '../window/projects';
import type { ProjectState, ProjectStates } from './states';
import { childrenOf, projectNode, sectionsOf } from './nodes';
import type { SchemaNode } from './nodes';
import { setKey, setStatuses } from '../window/context-keys';
import { schemaItem } from './items';

export class SchemaView implements vscode.TreeDataProvider<SchemaNode>, vscode.Disposable {
  static readonly id = 'patsBackup.schema';

  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly view: vscode.TreeView<SchemaNode>;
  private readonly subscriptions: vscode.Disposable;
  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    private readonly states: ProjectStates,
    private readonly projects: Projects,
  ) {
    this.view = vscode.window.createTreeView(SchemaView.id, { treeDataProvider: this, showCollapseAll: false });
    this.subscriptions = vscode.Disposable.from(
      this.view,
      this.changed,
      this.view.onDidChangeVisibility(({ visible }) => {
        if (visible) {
          void states.readUnknown();
        }
      }),
      states.onDidRead(() => {
        const known = this.projects.all().map((project) => this.states.of(project));
        setKey(
          'hasFailedMigration',
          known.some((state) => state?.failed !== undefined),
        );
        setStatuses(known.flatMap((state) => state?.status ?? []));
        this.changed.fire(undefined);
      }),
    );
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  getTreeItem(node: SchemaNode): vscode.TreeItem {
    return schemaItem(node);
  }

  getChildren(parent?: SchemaNode): SchemaNode[] {
    if (parent) {
      return [...childrenOf(parent)];
    }
    const states = this.projects.all().map((project) => this.states.of(project));
    const known = states.filter((state): state is ProjectState => state !== undefined);
    const [only] = known;
    if (only !== undefined && this.projects.all().length === 1) {
      return [...sectionsOf(only)];
    }
    return known.map(projectNode);
  }

  /** Brings the view to the front. */
  async show(): Promise<void> {
    await vscode.commands.executeCommand(`${SchemaView.id}.focus`);
  }
}
