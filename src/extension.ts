// activate(): builds the parts and connects them; nothing else.
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { EngineClient } from './rpc/client';
import { chooseProjectDatabase } from './ui/prompts/choose-database';
import { registerCommands } from './ui/commands/table';
import { GitignoreOffer } from './ui/reminding/gitignore-offer';
import { UploadsOffer } from './ui/reminding/uploads-offer';
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
import { BranchSwitch } from './ui/reminding/branch-switch';
import { MigrationReminder } from './ui/reminding/reminder';
import { Told } from './ui/reminding/told';
import { SchemaView } from './ui/schema/view';
import { Schedule } from './ui/scheduling/schedule';
import { BackgroundVerification } from './ui/scheduling/verification';
import { ProjectStates } from './ui/schema/states';
import { StatusBar } from './ui/schema/status-bar';
import { StorageMonitor } from './ui/reminding/storage-warning';
import { provideCommandLine } from './ui/window/terminal-environment';
import { BackupsView } from './ui/backups/view';
import { provideRelationBadges } from './ui/backups/relation-badges';

/** What other extensions and the tests in the extension host may look at. */
export interface Api {
  readonly backups: BackupsView;
  readonly statusBar: StatusBar;
  readonly states: ProjectStates;
  readonly schema: SchemaView;
}

export function activate(context: vscode.ExtensionContext): Api {
  l10n.config({ contents: vscode.l10n.bundle ?? {} });
  const log = vscode.window.createOutputChannel('PATS Backup', { log: true });
  const engine = new EngineClient({
    modulePath: context.asAbsolutePath('dist/engine.js'),
    log: (text) => {
      log.info(text);
    },
  });
  const projects = new Projects();
  const operations = new Operations(projects, (project) => chooseProjectDatabase(engine, projects, project));
  const backups = new BackupsView(engine, projects, log);
  const states = new ProjectStates(engine, projects, operations, log);
  const statusBar = new StatusBar(states, projects);
  const documents = new ReadOnlyText();
  const pages = new Pages();
  const stored = new StoredFiles();
  const schema = new SchemaView(states, projects);
  const parts = { engine, projects, operations, backups, log, documents };
  const told = new Told(context.workspaceState);
  const reminder = new MigrationReminder(parts, states, told);
  const migrations = new Migrations(parts, states, reminder);
  const storage = new StorageMonitor(parts);
  const schedule = new Schedule(parts);
  const verification = new BackgroundVerification(parts);
  const gitignore = new GitignoreOffer(parts, context.workspaceState);
  const uploads = new UploadsOffer(parts, context.workspaceState);
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
    engine,
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
      void gitignore.consider(project);
      void uploads.consider(project);
      void recoverProjects(engine, projects, log);
    }),
    backups.onDidChangeOnDisk(() => {
      states.somethingChanged();
      void storage.refresh();
    }),
    states.onDidRead(({ state, before }) => {
      // How each backup relates to the migration files changes with them.
      if (before !== undefined && state.status?.heads.join() !== before.heads.join()) {
        backups.refresh();
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
  return { backups, statusBar, states, schema };
}
