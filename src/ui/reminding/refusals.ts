// Which projects were asked a question in this session, and where the user never wants to be asked it again.
import * as vscode from 'vscode';
import type { OpenProject } from '../window/projects';

export class Refusals {
  private readonly asked = new Set<string>();

  /** `key` names the question in the memory of the workspace. */
  constructor(
    private readonly memory: vscode.Memento,
    private readonly key: string,
  ) {}

  /** At most once per session, never where the user said so, and never in a folder that is not trusted. */
  mayAsk({ root }: OpenProject): boolean {
    return vscode.workspace.isTrusted && !this.asked.has(root) && !this.refused().includes(root);
  }

  markAsked({ root }: OpenProject): void {
    this.asked.add(root);
  }

  async refuse({ root }: OpenProject): Promise<void> {
    await this.memory.update(this.key, [...this.refused(), root]);
  }

  private refused(): readonly string[] {
    return this.memory.get<readonly string[]>(this.key, []);
  }
}
