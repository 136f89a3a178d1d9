// Dragging backups out of the tree, and dropping exported files onto it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import type { Node } from './nodes';

const URI_LIST = 'text/uri-list';
/** Rows of the tree that are dropped on the tree itself. */
const OWN_ROWS = 'application/vnd.code.tree.patsbackup.backups';

/** Dropped files reach "Import..." with the row that they were dropped on. */
export class BackupsDragAndDrop implements vscode.TreeDragAndDropController<Node> {
  readonly dragMimeTypes = [URI_LIST];
  readonly dropMimeTypes = [URI_LIST, 'files'];

  handleDrag(nodes: readonly Node[], transfer: vscode.DataTransfer): void {
    const uris = nodes.flatMap((node) =>
      node.kind === 'backup' ? [vscode.Uri.file(node.entry.path)] : node.kind === 'dump' ? [vscode.Uri.file(node.dump.path)] : [],
    );
    transfer.set(URI_LIST, new vscode.DataTransferItem(uris.map((uri) => uri.toString()).join('\r\n')));
  }

  async handleDrop(target: Node | undefined, transfer: vscode.DataTransfer): Promise<void> {
    const uris = await droppedUris(transfer);
    for (const uri of uris) {
      await vscode.commands.executeCommand('patsBackup.import', target, uri);
    }
    const imported = uris.length > 0 ? uris.length : await importContents(target, transfer);
    if (imported === 0 && transfer.get(OWN_ROWS) === undefined) {
      void vscode.window.showWarningMessage(
        vscode.l10n.t('That is not an exported backup. Nothing was changed. Drop a .zip or .age file created with “Export Backup...”.'),
      );
    }
  }
}

async function droppedUris(transfer: vscode.DataTransfer): Promise<vscode.Uri[]> {
  const list = (await transfer.get(URI_LIST)?.asString()) ?? '';
  return list
    .split(/\r?\n/)
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => vscode.Uri.parse(line, true))
    .filter((uri) => uri.scheme === 'file' && isExported(uri.path));
}

/** A browser gives the contents of a file, not its place. Counts the files. */
async function importContents(target: Node | undefined, transfer: vscode.DataTransfer): Promise<number> {
  let count = 0;
  for (const [, item] of transfer) {
    const file = item.asFile();
    if (!file || !isExported(file.name)) {
      continue;
    }
    count += 1;
    const folder = await mkdtemp(join(tmpdir(), 'pats-import-'));
    try {
      const copy = join(folder, basename(file.name));
      await writeFile(copy, await file.data(), { mode: 0o600 });
      await vscode.commands.executeCommand('patsBackup.import', target, vscode.Uri.file(copy));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return count;
}

function isExported(name: string): boolean {
  return /\.(zip|age)$/i.test(name);
}
