// Read-only documents: reports in Markdown that are shown in an editor and kept nowhere.
import * as vscode from 'vscode';

const SCHEME = 'pats-backup';

export class ReadOnlyText implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);

  readonly onDidChange = this.changed.event;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.path) ?? '';
  }

  /** Opens the text under a title; the same title shows the new text in the same place. */
  async show(title: string, text: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${title}` });
    this.texts.set(uri.path, text);
    this.changed.fire(uri);
    const editor = await vscode.window.showTextDocument(uri, { preview: true });
    // Its lines are wrapped.
    await vscode.languages.setTextDocumentLanguage(editor.document, 'markdown');
  }

  dispose(): void {
    vscode.Disposable.from(this.registration, this.changed).dispose();
  }
}
