// activate(): builds the parts and connects them; nothing else.
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { EngineClient } from './rpc/client';
import type { PatsBackupApi } from './ui/api/api';
import { provideApi } from './ui/api/provide';
import { chooseProjectDatabase } from './ui/prompts/choose-database';
import { registerCommands } from './ui/commands/register';
import { gitignoreOffer } from './ui/reminding/gitignore-offer';
import { uploadsOffer } from './ui/reminding/uploads-offer';
import { Migrations } from './ui/migrating/migrate';
import { provideMigrateTask } from './ui/migrating/task';
import { Awakening } from './ui/window/awakening';
import { everyMinute } from './ui/window/minute';
import { Operations } from './ui/window/operations';
import { Projects } from './ui/window/projects';
import { Pages } from './ui/window/pages';
import { StoredFiles } from './ui/window/stored-files';
import { ReadOnlyText } from './ui/window/read-only-text';
import { recoverProjects } from './ui/window/recovery';
import { translatedEngine } from './ui/window/translated-engine';
import { BranchSwitch } from './ui/reminding/branch-switch';
import { MigrationReminder } from './ui/reminding/reminder';
import { Told } from './ui/reminding/told';
import { FailedMigrations } from './ui/schema/failed-migration';
import { SchemaView } from './ui/schema/view';
import { Schedule } from './ui/scheduling/schedule';
import { BackgroundVerification } from './ui/scheduling/verification';
import { ProjectStates } from './ui/schema/states';
import { StatusBar } from './ui/schema/status-bar';
import { StorageMonitor } from './ui/reminding/storage-warning';
import { provideCommandLine } from './ui/window/terminal-environment';
import { BackupsView } from './ui/backups/view';
import { provideRelationBadges } from './ui/backups/relation-badges';

/** What the tests in the extension host look at; nobody else gets it. */
export interface Internals {
  readonly backups: BackupsView;
  readonly statusBar: StatusBar;
  readonly states: ProjectStates;
  readonly schema: SchemaView;
}

export function activate(context: vscode.ExtensionContext): PatsBackupApi {
  l10n.config({ contents: vscode.l10n.bundle ?? {} });
  const log = vscode.window.createOutputChannel('PATS Backup', { log: true });
  const client = new EngineClient({
    modulePath: context.asAbsolutePath('dist/engine.js'),
    log: (text) => {
      log.info(text);
    },
  });
  const { language } = vscode.env;
  const engine = /^en\b/.test(language)
    ? client
    : translatedEngine(client, { file: context.asAbsolutePath(`l10n/engine.${language}.json`), language });
  const projects = new Projects();
  const operations = new Operations(projects, (project) => chooseProjectDatabase(engine, projects, project));
  const backups = new BackupsView(engine, projects, log);
  const failures = new FailedMigrations(context.workspaceState, engine, projects);
  const states = new ProjectStates(engine, projects, operations, failures, log);
  const statusBar = new StatusBar(states, projects);
  const documents = new ReadOnlyText();
  const pages = new Pages();
  const stored = new StoredFiles();
  const schema = new SchemaView(states, projects);
  const parts = { engine, projects, operations, backups, log, documents };
  const told = new Told(context.workspaceState);
  const reminder = new MigrationReminder(parts, states, told);
  const migrations = new Migrations(parts, states, failures, reminder);
  const storage = new StorageMonitor(parts);
  const schedule = new Schedule(parts);
  const verification = new BackgroundVerification(parts);
  const gitignore = gitignoreOffer(parts, context.workspaceState);
  const uploads = uploadsOffer(parts, context.workspaceState);
  const changed = new vscode.EventEmitter<void>();
  const refresh = (): void => {
    backups.refresh();
    void storage.refresh();
    void states.refresh();
  };
  const awakening = new Awakening(projects, async (project) => {
    await recoverProjects(engine, projects, log);
    await Promise.all([states.read(project), storage.refresh()]);
  });

  context.subscriptions.push(
    log,
    client,
    changed,
    operations,
    backups,
    statusBar,
    states,
    schema,
    documents,
    pages,
    stored,
    schedule,
    verification,
    awakening,
    reminder,
    new BranchSwitch(parts, states, told),
    provideMigrateTask(parts, migrations),
    provideRelationBadges(),
    registerCommands({ ...parts, states, schema, migrations, pages, stored }),
    operations.onDidFinish((project) => {
      refresh();
      changed.fire();
      void gitignore.consider(project);
      void uploads.consider(project);
      void recoverProjects(engine, projects, log);
    }),
    backups.onDidChangeOnDisk(() => {
      states.somethingChanged();
      changed.fire();
      void storage.refresh();
    }),
    states.onDidRead(({ state, before }) => {
      // How each backup relates to the migration files changes with them.
      if (before !== undefined && state.status?.heads.join() !== before.heads.join()) {
        backups.refresh();
      }
      const { status } = state;
      if (status !== undefined && (status.stateKey !== before?.stateKey || status.changedSinceBackup !== before.changedSinceBackup)) {
        changed.fire();
      }
    }),
    everyMinute(() => {
      backups.showAges();
      storage.showAges();
      statusBar.showAges();
    }),
    vscode.workspace.onDidChangeWorkspaceFolders(() => {
      backups.refresh();
      states.forgetClosed();
      void awakening.look();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      refresh();
      void recoverProjects(engine, projects, log);
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('patsBackup')) {
        schedule.restart();
        verification.restart();
        refresh();
      }
    }),
  );
  provideCommandLine(context);
  void awakening.look();
  if (context.extensionMode === vscode.ExtensionMode.Test) {
    Reflect.set(globalThis, Symbol.for('pats-backup.internals'), { backups, statusBar, states, schema } satisfies Internals);
  }
  return provideApi(parts, changed.event);
}
