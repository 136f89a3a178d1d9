// Wakes the extension where there is something to look at, at the start or when it appears; elsewhere nothing is started.
import * as vscode from 'vscode';
import { hasSigns, SIGN_PATTERN } from './look';
import type { OpenProject, Projects } from './projects';

export class Awakening implements vscode.Disposable {
  private readonly awake = new Set<string>();
  private readonly watches = new Map<string, vscode.Disposable>();

  constructor(
    private readonly projects: Projects,
    /** Called once for each project, when it is known that there is something to look at. */
    private readonly wake: (project: OpenProject) => Promise<void>,
  ) {}

  /** Looks at every open folder that still sleeps. */
  async look(): Promise<void> {
    const all = this.projects.all();
    for (const [root, watch] of this.watches) {
      if (!all.some((project) => project.root === root)) {
        watch.dispose();
        this.watches.delete(root);
      }
    }
    for (const root of this.awake) {
      if (!all.some((project) => project.root === root)) {
        this.awake.delete(root);
      }
    }
    await Promise.all(all.map((project) => this.lookAt(project)));
  }

  dispose(): void {
    vscode.Disposable.from(...this.watches.values()).dispose();
  }

  private async lookAt(project: OpenProject): Promise<void> {
    if (this.awake.has(project.root) || this.watches.has(project.root)) {
      return;
    }
    const { database, backups } = this.projects.requestOf(project);
    if (database !== undefined || backups !== undefined || (await hasSigns(project.root))) {
      await this.wakeOnce(project);
    } else {
      this.watch(project);
    }
  }

  private watch(project: OpenProject): void {
    const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(project.folder, SIGN_PATTERN), false, true, true);
    this.watches.set(
      project.root,
      vscode.Disposable.from(
        watcher,
        watcher.onDidCreate(() => void this.wakeOnce(project)),
      ),
    );
  }

  private async wakeOnce(project: OpenProject): Promise<void> {
    this.watches.get(project.root)?.dispose();
    this.watches.delete(project.root);
    if (!this.awake.has(project.root)) {
      this.awake.add(project.root);
      await this.wake(project);
    }
  }
}
