// Read-only documents: reports in Markdown that are shown in an editor and kept nowhere.
import * as vscode from 'vscode';

const SCHEME = 'pats-backup';

export class ReadOnlyText implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();

  readonly onDidChange = this.changed.event;

  // The event is looked for once, when the provider is registered.
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? '';
  }

  /** Opens the text under a title; the same title shows the new text in the same place. */
  async show(title: string, text: string): Promise<void> {
    const uri = this.update(title, text);
    const editor = await vscode.window.showTextDocument(uri, { preview: true });
    // Its lines are wrapped.
    await vscode.languages.setTextDocumentLanguage(editor.document, 'markdown');
  }

  /** Replaces the text under a title where it is open; opens nothing. `side`: tells two texts of one title apart, in a diff. */
  update(title: string, text: string, side = ''): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${title}`, query: side });
    this.texts.set(uri.toString(), text);
    this.changed.fire(uri);
    return uri;
  }

  dispose(): void {
    vscode.Disposable.from(this.registration, this.changed).dispose();
  }
}
