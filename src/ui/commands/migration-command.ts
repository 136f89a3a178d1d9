// "Copy Command" and "Run in Terminal": the project's own commands, of a row or of the current state.
import * as vscode from 'vscode';
import { BackupError, cancelled } from '../../engine/errors';
import { here, type Platform } from '../../engine/platform/platform';
import { shownCommand, typedLines } from '../../engine/platform/shell';
import type { CommandParts } from './parts';
import { commandNode, sectionsOf } from '../schema/nodes';
import type { CommandNode } from '../schema/nodes';
import { runInTerminal } from '../window/terminal';
import { canRun } from '../text/command';
import { commandLabel } from '../text/schema';
import type { Handler } from './handler';

export function copyCommand(parts: CommandParts, platform: Platform = here): Handler {
  return async (row) => {
    const { line } = commandNode(row) ?? (await pickCommand(parts));
    await vscode.env.clipboard.writeText(typedLines(line, platform).join('\n'));
    vscode.window.setStatusBarMessage(vscode.l10n.t('$(check) Copied: {0}', shownCommand(line, platform)), 5000);
  };
}

export function runCommand(parts: CommandParts): Handler {
  return async (row) => {
    const { project, line } = commandNode(row) ?? (await pickCommand(parts, (line) => canRun([line])));
    runInTerminal(project, [line]);
  };
}

async function pickCommand({ states, projects }: CommandParts, fits: (line: string) => boolean = () => true): Promise<CommandNode> {
  const state = await states.read(await projects.pick());
  const groups = state === undefined ? [] : sectionsOf(state);
  const nodes = groups
    .flatMap((node) => (node.kind === 'group' ? node.nodes : []))
    .filter((node) => node.kind === 'command')
    .filter(({ line }) => fits(line));
  if (nodes.length === 0) {
    throw new BackupError(
      'REFUSED',
      vscode.l10n.t('No command is known for the migrations of this project.'),
      state?.status?.commandProblem ?? vscode.l10n.t('See the Schema view for the reason.'),
    );
  }
  const items = nodes.map((node) => ({ label: commandLabel(node.name), description: shownCommand(node.line, here), node }));
  const picked = await vscode.window.showQuickPick(items, { placeHolder: vscode.l10n.t('Select a command') });
  if (!picked) {
    throw cancelled();
  }
  return picked.node;
}
