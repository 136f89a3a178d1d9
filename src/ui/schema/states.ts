// Where every open project stands: read once for all who show it, and again when something changed and somebody looks.
import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { Engine, Status, StatusParams } from '../../engine/engine';
import { logFailure } from '../window/failure';
import type { Operations } from '../window/operations';
import type { OpenProject, Projects } from '../window/projects';
import type { FailedMigration, FailedMigrations } from './failed-migration';
import { FileWatches } from './file-watches';
import { gitPlaces } from './git-head';

const SETTLE_MS = 300;

/** One project's state, or why it is not known. */
export type ProjectState =
  | {
      readonly project: OpenProject;
      readonly status: Status;
      /** What a failed migration left. */
      readonly failed?: FailedMigration | undefined;
      readonly error?: undefined;
    }
  | { readonly project: OpenProject; readonly status?: undefined; readonly failed?: undefined; readonly error: unknown };

export interface StateChange {
  readonly state: ProjectState;
  /** The last state that could be read in this session. */
  readonly before: Status | undefined;
}

interface Known {
  readonly state: ProjectState;
  readonly fingerprint: string;
}

export class ProjectStates implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<StateChange>();
  private readonly watches = new Map<string, FileWatches>();
  private readonly known = new Map<string, Known>();
  private readonly lastStatus = new Map<string, Status>();
  private readonly generations = new Map<string, number>();
  /** Projects in which something happened that nobody has looked at: certain, or to be seen by the database's fingerprint. */
  private readonly stale = new Map<string, 'changed' | 'touched'>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly subscriptions: vscode.Disposable;

  /** Fires after every reading, also one that found nothing new. */
  readonly onDidRead = this.changed.event;

  constructor(
    private readonly engine: Engine,
    private readonly projects: Projects,
    private readonly operations: Operations,
    private readonly failures: FailedMigrations,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.subscriptions = vscode.Disposable.from(
      this.changed,
      // A restore settles what a failed migration left.
      operations.onDidReplace((project) => void failures.forget(project)),
      vscode.window.onDidChangeWindowState(({ focused }) => {
        if (focused) {
          this.catchUp();
        }
      }),
    );
  }

  dispose(): void {
    for (const timer of this.timers.values()) {
      clearTimeout(timer);
    }
    vscode.Disposable.from(this.subscriptions, ...this.watches.values()).dispose();
  }

  /** What was read last; undefined: nothing yet, or the folder is not trusted. */
  of(project: OpenProject): ProjectState | undefined {
    return this.known.get(project.root)?.state;
  }

  /** Whether what was read last still holds, as far as the watches can tell; uploads are not watched. */
  isFresh(project: OpenProject): boolean {
    return this.known.has(project.root) && !this.stale.has(project.root);
  }

  /** Something was seen to change that concerns every project: they are read again once it has settled and somebody looks. */
  somethingChanged(): void {
    for (const { root } of this.projects.all()) {
      this.happened(root, 'changed');
    }
  }

  /** Reads all projects again. */
  async refresh(): Promise<void> {
    this.forgetClosed();
    await Promise.all(this.projects.all().map((project) => this.read(project)));
  }

  /** Reads those of which nothing is known yet: somebody looks. */
  async readUnknown(): Promise<void> {
    await Promise.all(
      this.projects
        .all()
        .filter(({ root }) => !this.known.has(root))
        .map((project) => this.read(project)),
    );
  }

  /** Stops watching folders that are no longer open. */
  forgetClosed(): void {
    const all = this.projects.all();
    for (const root of [...this.watches.keys()].filter((known) => !all.some((project) => project.root === known))) {
      this.forget(root);
    }
  }

  /** Reads one project now; of several readings at once the last one counts. */
  async read(project: OpenProject, params: StatusParams = {}): Promise<ProjectState | undefined> {
    // The state is read by opening a database that the folder names: only where the folder is trusted.
    if (!vscode.workspace.isTrusted) {
      return undefined;
    }
    const generation = (this.generations.get(project.root) ?? 0) + 1;
    this.generations.set(project.root, generation);
    this.stale.delete(project.root);
    const state = await this.ask(project, params);
    if (generation !== this.generations.get(project.root)) {
      return state;
    }
    const status = state.status;
    await this.watch(project, status);
    const before = this.lastStatus.get(project.root);
    this.known.set(project.root, { state, fingerprint: await fingerprintOf(status) });
    if (status) {
      this.lastStatus.set(project.root, status);
    }
    this.changed.fire({ state, before });
    return state;
  }

  private async ask(project: OpenProject, params: StatusParams): Promise<ProjectState> {
    try {
      const status = await this.engine.status(this.projects.requestOf(project), params);
      return { project, status, failed: await this.failures.stillLeft(project, status) };
    } catch (error) {
      logFailure(this.log, 'status', error);
      return { project, error };
    }
  }

  private async watch(project: OpenProject, status: Status | undefined): Promise<void> {
    const watches = this.watches.get(project.root) ?? this.newWatches(project);
    const files = status === undefined ? [] : [...(status.database === null ? [] : [status.database]), ...status.watch];
    await watches.set([...files, ...(await gitPlaces(project.root))]);
  }

  private newWatches(project: OpenProject): FileWatches {
    const watches = new FileWatches();
    this.watches.set(project.root, watches);
    watches.onDidChange((path) => {
      const database = this.lastStatus.get(project.root)?.database ?? null;
      // Reading a database touches its side files, so that only what changes its contents counts.
      this.happened(project.root, database !== null && path.startsWith(database) ? 'touched' : 'changed');
    });
    return watches;
  }

  private happened(root: string, what: 'changed' | 'touched'): void {
    this.stale.set(root, this.stale.get(root) === 'changed' ? 'changed' : what);
    clearTimeout(this.timers.get(root));
    this.timers.set(
      root,
      setTimeout(() => {
        void this.readIfSeen(root);
      }, SETTLE_MS),
    );
  }

  /** What happened in the background is looked at when the window comes back. */
  private catchUp(): void {
    for (const [root, what] of this.stale) {
      this.happened(root, what);
    }
  }

  private async readIfSeen(root: string): Promise<void> {
    const project = this.projects.all().find((open) => open.root === root);
    // An operation of ours ends with a reading anyway.
    if (!project || !vscode.window.state.focused || this.operations.isRunning) {
      return;
    }
    const known = this.known.get(root);
    const isCertain = this.stale.get(root) === 'changed';
    if (isCertain || known?.fingerprint !== (await fingerprintOf(known?.state.status))) {
      await this.read(project);
    } else {
      this.stale.delete(root);
    }
  }

  private forget(root: string): void {
    clearTimeout(this.timers.get(root));
    this.watches.get(root)?.dispose();
    for (const map of [this.watches, this.known, this.lastStatus, this.generations, this.timers]) {
      map.delete(root);
    }
  }
}

/** Size and time of the database and of its WAL; an empty WAL is as good as none. */
async function fingerprintOf(status: Status | undefined): Promise<string> {
  if (status === undefined || status.database === null) {
    return '';
  }
  const parts = await Promise.all(
    [status.database, `${status.database}-wal`].map(async (path) => {
      const stats = await stat(path).catch(() => undefined);
      return stats !== undefined && stats.size > 0 ? `${stats.size}@${stats.mtimeMs}` : '';
    }),
  );
  return parts.join(' ');
}
