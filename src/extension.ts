// activate(): builds the parts and connects them; nothing else.
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { EngineClient } from './rpc/client';
import { chooseProjectDatabase } from './ui/choosing-database';
import { registerCommands } from './ui/commands/table';
import { Operations } from './ui/operations';
import { Projects } from './ui/projects';
import { recoverProjects } from './ui/recovery';
import { StatusBar } from './ui/status-bar';
import { provideCommandLine } from './ui/terminal-environment';
import { BackupsView } from './ui/views/backups-view';

/** What other extensions and the tests in the extension host may look at. */
export interface Api {
  readonly backups: BackupsView;
  readonly statusBar: StatusBar;
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
  const statusBar = new StatusBar(engine, projects, log);
  const refresh = (): void => {
    backups.refresh();
    void statusBar.refresh();
  };
  const recover = async (): Promise<void> => {
    await recoverProjects(engine, projects, log);
    await statusBar.refresh();
  };

  context.subscriptions.push(
    log,
    engine,
    operations,
    backups,
    statusBar,
    registerCommands({ engine, projects, operations, backups, log }),
    operations.onDidFinish(() => {
      refresh();
      void recoverProjects(engine, projects, log);
    }),
    backups.onDidChangeOnDisk(() => void statusBar.refresh()),
    vscode.workspace.onDidChangeWorkspaceFolders(refresh),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      backups.refresh();
      void recover();
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('patsBackup')) {
        refresh();
      }
    }),
  );
  provideCommandLine(context);
  void recover();
  return { backups, statusBar };
}
