// A user at the window of the served VS Code with the built VSIX installed: looks, clicks, types.
import type { Browser, Locator, Page } from 'playwright-core';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openChromium } from '../../scripts/chromium.mjs';
import { cache, localTarget, root } from '../../scripts/paths.mjs';
import { installVsix, serve } from '../../scripts/served-vscode.mjs';

/** How long a busy machine may take for one thing. */
export const PATIENCE_MS = 60_000;

/** A quiet window that looks the same everywhere. */
const SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
};

export interface OpenOptions {
  readonly folder: string;
  /** Every folder is trusted without a question; true by default. */
  readonly trusted?: boolean;
}

export class Workbench {
  readonly page: Page;
  private readonly browser: Browser;
  private readonly stopServer: () => Promise<void>;

  private constructor(page: Page, browser: Browser, stopServer: () => Promise<void>) {
    this.page = page;
    this.browser = browser;
    this.stopServer = stopServer;
  }

  /** Installs the VSIX that PATS_VSIX names into a new VS Code and opens a folder in its window. */
  static async open({ folder, trusted = true }: OpenOptions): Promise<Workbench> {
    const home = mkdtempSync(join(tmpdir(), 'pats-workbench-'));
    const folders = { data: join(home, 'data'), extensions: join(home, 'extensions') };
    mkdirSync(join(folders.data, 'Machine'), { recursive: true });
    writeFileSync(join(folders.data, 'Machine/settings.json'), JSON.stringify(SETTINGS));
    const vsix = process.env['PATS_VSIX'] ?? join(root, 'out', `pats-backup-${localTarget}.vsix`);
    await installVsix({ vsix, ...folders });
    const server = await serve({ ...folders, trusted });
    const browser = await openChromium();
    const page = await newPage(browser);
    const workbench = new Workbench(page, browser, async () => {
      await server.stop();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    });
    try {
      await page.goto(`http://localhost:${server.port}/?${new URLSearchParams({ folder }).toString()}`);
      await workbench.viewTab('PATS Backup').waitFor();
    } catch (error) {
      await workbench.screenshot('failed-to-open');
      await workbench.close();
      throw error;
    }
    return workbench;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.stopServer();
  }

  /** Keeps a picture of the window for a person to look at. */
  async screenshot(name: string, folder = join(cache, 'screenshots')): Promise<void> {
    await this.page.screenshot({ path: join(folder, `${name}.png`) });
  }

  /** Opens a view from the activity bar. */
  async showView(name: string): Promise<void> {
    await this.viewTab(name).click();
    await this.page.locator('.part.sidebar .composite.title').filter({ hasText: name }).first().waitFor();
  }

  /** Runs a command as a user does: by its name in the palette. */
  async runCommand(name: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.input.fill(`>${name}`);
    await this.option(new RegExp(`^${escaped(name)}(,|$)`)).click();
  }

  /** The text field of the palette and of questions at the top of the window. */
  get input(): Locator {
    return this.page.locator('.quick-input-widget input.input').first();
  }

  /** A line of the list below that text field. */
  option(name: RegExp): Locator {
    return this.page.locator('.quick-input-widget').getByRole('option', { name }).first();
  }

  /** A row of a view, by what a screen reader says. */
  treeItem(name: RegExp): Locator {
    return this.page.getByRole('treeitem', { name });
  }

  /** Right-clicks and chooses from the menu. */
  async contextMenu(target: Locator, item: string): Promise<void> {
    await target.click({ button: 'right' });
    await this.page.getByRole('menuitem', { name: item, exact: true }).click();
  }

  /** The modal dialog's words, once it is there. */
  async dialogText(): Promise<string> {
    await this.dialog.waitFor();
    return this.dialog.innerText();
  }

  async answerDialog(button: string): Promise<void> {
    await this.dialog.getByRole('button', { name: button, exact: true }).click();
    await this.dialog.waitFor({ state: 'detached' });
  }

  /** The messages in the corner that say this. */
  notification(text: string | RegExp): Locator {
    return this.page.locator('.notification-toast').filter({ hasText: text });
  }

  async answerNotification(text: string | RegExp, button: string): Promise<void> {
    await this.notification(text).first().getByRole('button', { name: button, exact: true }).click();
  }

  statusBarItem(id: string): Locator {
    return this.page.locator(`[id="${id}"]`);
  }

  /** What the editor shows now, with ordinary spaces. */
  async editorText(): Promise<string> {
    const lines = this.page.locator('.editor-instance .view-lines').first();
    return (await lines.isVisible()) ? (await lines.innerText()).replaceAll('\u00a0', ' ') : '';
  }

  /** Types a command into a new integrated terminal. */
  async runInTerminal(command: string): Promise<void> {
    await this.runCommand('Terminal: Create New Terminal');
    const prompt = this.page.locator('.terminal-wrapper.active .xterm-rows');
    await until('the prompt of the terminal', async () => /[#$%>]/.test(await prompt.innerText()));
    await this.page.keyboard.type(command);
    await this.page.keyboard.press('Enter');
  }

  private get dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  private viewTab(name: string): Locator {
    return this.page.locator('.activitybar').getByRole('tab', { name: new RegExp(escaped(name)) });
  }
}

/** Waits for a fact and says which one when it does not come. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) {
      throw new Error(`Waited in vain for ${what}.`);
    }
    await sleep(100);
  }
}

async function newPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    colorScheme: 'dark',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  context.setDefaultTimeout(PATIENCE_MS);
  return context.newPage();
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
