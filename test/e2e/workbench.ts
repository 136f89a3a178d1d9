// A user at the window of the served VS Code, with the built VSIX installed: looks, clicks, types.
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openChromium } from '../../scripts/chromium.mjs';
import { cache, localTarget, root } from '../../scripts/paths.mjs';
import { must } from '../../scripts/processes.mjs';
import { installVsix, serve } from '../../scripts/served-vscode.mjs';

const PATIENCE_MS = 60_000;
/** A quiet window: no chat, no tips, the same look everywhere. */
const SETTINGS = {
  'workbench.colorTheme': 'Default Dark Modern',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
  'terminal.integrated.defaultProfile.linux': 'bash',
};

interface OpenOptions {
  /** The folder or workspace file that the window shows. */
  readonly folder: string;
  /** Every folder is trusted without a question; true by default. */
  readonly trusted?: boolean;
  readonly vsix?: string;
}

/** A new working copy of the example; the caller removes its parent folder. */
export async function workingCopy(): Promise<string> {
  const folder = join(mkdtempSync(join(tmpdir(), 'pats-e2e-')), 'pats');
  await must(process.execPath, [join(root, 'examples/pats/build.mjs'), folder]);
  return folder;
}

/** Installs the VSIX, starts the server and opens the folder in a window. */
export async function openWorkbench({ folder, trusted = true, vsix = builtVsix() }: OpenOptions): Promise<Workbench> {
  const home = mkdtempSync(join(tmpdir(), 'pats-workbench-'));
  const folders = { data: join(home, 'data'), extensions: join(home, 'extensions') };
  mkdirSync(join(folders.data, 'Machine'), { recursive: true });
  writeFileSync(join(folders.data, 'Machine/settings.json'), JSON.stringify(SETTINGS));
  await installVsix({ vsix, ...folders });
  const server = await serve({ ...folders, trusted });
  const browser = await openChromium();
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    colorScheme: 'dark',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  await page.goto(`http://localhost:${server.port}/?${new URLSearchParams({ folder }).toString()}`);
  const workbench = new Workbench(page, browser, context, async () => {
    await server.stop();
    rmSync(home, { recursive: true, force: true });
  });
  await workbench.ready();
  return workbench;
}

function builtVsix(): string {
  return process.env['PATS_VSIX'] ?? join(root, 'out', `pats-backup-${localTarget}.vsix`);
}

export class Workbench {
  readonly page: Page;
  private readonly browser: Browser;
  private readonly context: BrowserContext;
  private readonly stopServer: () => Promise<void>;

  constructor(page: Page, browser: Browser, context: BrowserContext, stopServer: () => Promise<void>) {
    this.page = page;
    this.browser = browser;
    this.context = context;
    this.stopServer = stopServer;
  }

  async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench').waitFor();
    await this.page
      .getByRole('tab', { name: /PATS Backup/ })
      .first()
      .waitFor();
  }

  async close(): Promise<void> {
    await this.context.close();
    await this.browser.close();
    await this.stopServer();
  }

  /** Opens the extension's view from the activity bar. */
  async showBackups(): Promise<void> {
    await this.page
      .getByRole('tab', { name: /PATS Backup/ })
      .first()
      .click();
    await this.page
      .locator('.pane-header')
      .filter({ hasText: /Backups/ })
      .first()
      .waitFor();
  }

  /** Runs a command as a user does: by its name in the palette. */
  async runCommand(name: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.input.fill(`>${name}`);
    await this.option(name).click();
  }

  /** The text field of the palette and of the questions at the top of the window. */
  get input(): Locator {
    return this.page.locator('.quick-input-widget input.input:visible').first();
  }

  /** A line of the list below the text field. */
  option(name: string | RegExp): Locator {
    const start = typeof name === 'string' ? new RegExp(`^${name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(,|$)`) : name;
    return this.page.locator('.quick-input-widget').getByRole('option', { name: start }).first();
  }

  /** A row of the view, by what a screen reader says. */
  row(name: string | RegExp): Locator {
    return this.page.getByRole('treeitem', { name });
  }

  /** Right-clicks and chooses from the menu. */
  async chooseFromMenu(row: Locator, item: string): Promise<void> {
    await row.click({ button: 'right' });
    await this.page.getByRole('menuitem', { name: item, exact: true }).click();
  }

  /** The modal dialog. */
  get dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  async answer(button: string): Promise<void> {
    await this.dialog.getByRole('button', { name: button, exact: true }).click();
    await this.dialog.waitFor({ state: 'detached' });
  }

  /** The message in the corner that says this. */
  notification(text: string | RegExp): Locator {
    return this.page.locator('.notification-toast').filter({ hasText: text }).first();
  }

  /** The extension's item in the status bar. */
  get statusBar(): Locator {
    return this.page.locator('[id="pats.pats-backup.patsBackup.status"]');
  }

  /** The editor that is shown, by the text in it. */
  editorWith(text: string): Locator {
    return this.page.locator('.editor-instance .view-lines').filter({ hasText: text }).first();
  }

  /** Keeps a picture of the window for a person to look at. */
  async picture(name: string): Promise<void> {
    await this.page.screenshot({ path: join(cache, 'screenshots', `${name}.png`) });
  }
}
