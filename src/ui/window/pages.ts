// Pages to read: themed, without scripts but a page's own; links on them run only the commands that it names.
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { escaped } from '../text/html';

const TYPE = 'patsBackup.page';

export interface Page {
  readonly title: string;
  /** HTML in which every text from files is escaped. */
  readonly body: string;
  /** The commands that its links may run. */
  readonly commands: readonly string[];
  /** Beside the style of all pages. */
  readonly style?: string;
  /** For keys only: it gets no text from files, and reaches nothing outside of the page. */
  readonly script?: string;
}

export class Pages implements vscode.Disposable {
  private readonly open = new Map<string, vscode.WebviewPanel>();

  /** Shows the page; one of the same kind takes its place. */
  show(kind: string, page: Page): void {
    const panel = this.open.get(kind) ?? this.newPanel(kind);
    fill(panel, page);
    panel.reveal(undefined, false);
  }

  /** Replaces what a page says where it is open; opens nothing. */
  update(kind: string, page: Page): void {
    const panel = this.open.get(kind);
    if (panel !== undefined) {
      fill(panel, page);
    }
  }

  dispose(): void {
    vscode.Disposable.from(...this.open.values()).dispose();
  }

  private newPanel(kind: string): vscode.WebviewPanel {
    const panel = vscode.window.createWebviewPanel(TYPE, '', vscode.ViewColumn.Active, { enableFindWidget: true });
    panel.onDidDispose(() => this.open.delete(kind));
    this.open.set(kind, panel);
    return panel;
  }
}

function fill(panel: vscode.WebviewPanel, { title, body, commands, style = '', script }: Page): void {
  panel.title = title;
  panel.webview.options = { enableScripts: script !== undefined, localResourceRoots: [], enableCommandUris: commands };
  const nonce = randomBytes(16).toString('base64');
  panel.webview.html = `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<title>${escaped(title)}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'${script === undefined ? '' : `; script-src 'nonce-${nonce}'`}">
<style nonce="${nonce}">${STYLE}${style}</style>
</head>
<body><main>${body}</main>${script === undefined ? '' : `<script nonce="${nonce}">${script}</script>`}</body>
</html>`;
}

const STYLE = `
body { background: var(--vscode-editor-background); color: var(--vscode-foreground); font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); line-height: 1.5; padding: 8px 24px 32px; }
main { max-width: 60em; }
h1 { font-size: 1.6em; font-weight: 600; margin: 0.6em 0 0.2em; overflow-wrap: anywhere; }
h2 { font-size: 1.15em; font-weight: 600; margin: 1.6em 0 0.4em; }
p { margin: 0.3em 0; overflow-wrap: anywhere; }
.lead { color: var(--vscode-descriptionForeground); }
table { border-collapse: collapse; margin-top: 1em; width: 100%; }
th { color: var(--vscode-descriptionForeground); font-weight: normal; text-align: left; vertical-align: top; white-space: nowrap; width: 12em; padding: 3px 16px 3px 0; }
td { padding: 3px 0; overflow-wrap: anywhere; }
tr + tr { border-top: 1px solid var(--vscode-widget-border, var(--vscode-panel-border, transparent)); }
nav { display: flex; flex-wrap: wrap; gap: 6px 18px; margin: 1em 0; }
a { color: var(--vscode-textLink-foreground); text-decoration: none; }
a:hover { color: var(--vscode-textLink-activeForeground); text-decoration: underline; }
a:focus { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
section { border-left: 3px solid var(--vscode-widget-border, var(--vscode-panel-border, transparent)); margin: 0.7em 0; padding: 0 0 0 12px; }
section.problem { border-color: var(--vscode-editorError-foreground, var(--vscode-errorForeground)); }
section.warning { border-color: var(--vscode-editorWarning-foreground); }
strong { font-weight: 600; }
`;
