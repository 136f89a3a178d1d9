// Tells the view what backups take on the disk, and warns once per session when that is too much.
import * as vscode from 'vscode';
import type { BackupEntry, Storage } from '../../engine/engine';
import { logFailure } from '../window/failure';
import { ownMoment } from '../window/own-moment';
import type { Parts } from '../window/parts';
import type { OpenProject } from '../window/projects';
import { reader } from '../window/reader';
import { storageSummary, storageWarning } from '../text/storage';

export class StorageMonitor {
  private hasWarned = false;
  private generation = 0;
  /** What was read last. */
  private known: (() => void) | undefined;

  constructor(private readonly parts: Parts) {}

  /** Reads the sizes again; a later call makes an earlier one void. */
  async refresh(): Promise<void> {
    if (!vscode.workspace.isTrusted) {
      // Reading may finish what an interrupted run left, and that writes.
      this.parts.backups.showStorage(vscode.l10n.t('not trusted: read-only'), new Map());
      return;
    }
    const generation = ++this.generation;
    const { projects, backups, engine, log } = this.parts;
    const entries: BackupEntry[] = [];
    const shares = new Map<string, Storage['backups'][number]>();
    let totalBytes = 0;
    for (const project of projects.all()) {
      try {
        const request = projects.requestOf(project);
        const listing = await engine.list(request);
        backups.listed(project, listing);
        const storage = await engine.storage(request);
        entries.push(...listing.backups);
        totalBytes += storage.totalBytes;
        const byName = new Map(storage.backups.map((each) => [each.name, each]));
        for (const { name, path } of listing.backups) {
          const share = byName.get(name);
          if (share) {
            shares.set(path, share);
          }
        }
        void this.warn(project, storage).catch((error: unknown) => {
          logFailure(log, 'storage', error);
        });
      } catch (error) {
        logFailure(log, 'storage', error);
      }
    }
    if (generation === this.generation) {
      this.known = () => {
        backups.showStorage(storageSummary(entries, totalBytes, reader()), shares);
      };
      this.known();
    }
  }

  /** Says the same with the ages of this moment. */
  showAges(): void {
    this.known?.();
  }

  private async warn(project: OpenProject, storage: Storage): Promise<void> {
    const warnAt = vscode.workspace.getConfiguration('patsBackup', project.folder).get<number>('warnAtSize', 2048);
    const warning = storageWarning(storage, warnAt, reader().locale);
    if (warning === null || this.hasWarned) {
      return;
    }
    this.hasWarned = true;
    this.parts.log.warn(warning);
    const preview = vscode.l10n.t('Review...');
    await ownMoment();
    if ((await vscode.window.showWarningMessage(warning, preview)) === preview) {
      await vscode.commands.executeCommand('patsBackup.previewPrune');
    }
  }
}
