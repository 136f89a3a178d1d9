// Remembers across sessions of which states the user was told, for each project and kind of message.
import type * as vscode from 'vscode';
import type { OpenProject } from '../window/projects';
import { remembering } from './decide';

export type Kind = 'migration' | 'branch';

export class Told {
  constructor(private readonly memory: vscode.Memento) {}

  of(project: OpenProject, kind: Kind): readonly string[] {
    return this.memory.get<readonly string[]>(keyOf(project, kind), []);
  }

  async add(project: OpenProject, kind: Kind, stateKey: string): Promise<void> {
    await this.memory.update(keyOf(project, kind), remembering(this.of(project, kind), stateKey));
  }
}

function keyOf(project: OpenProject, kind: Kind): string {
  return `told.${kind}:${project.root}`;
}
