// A user at the window of the served VS Code with the built VSIX installed: looks, clicks, types.
import assert from 'node:assert/strict';
import type { Browser, Locator, Page } from 'playwright-core';
import { copyFileSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openChromium } from '../../scripts/chromium.mjs';
import { cache, localTarget, root } from '../../scripts/paths.mjs';
import { installVsix, serve } from '../../scripts/served-vscode.mjs';
import { appears, succeeds, TRY_MS, until } from './patience.ts';
import { newPage } from './workbench-page.ts';

export interface OpenOptions {
  readonly folder: string;
  /** Every folder is trusted without a question; true by default. */
  readonly trusted?: boolean;
  /** User settings beside those that keep the window quiet. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** More for the environment of the extension and the terminals. */
  readonly env?: Readonly<Record<string, string>>;
  /** A command that runs the server, e.g. one that watches it. */
  readonly prefix?: readonly string[];
}

/** Runs in the page. */
const AXE = `axe.run().then(({ violations }) =>
  violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => id + ': ' + help + ': ' + html)))`;
/** An element as the page has it. */
interface Drawn {
  readonly scrollWidth: number;
  readonly clientWidth: number;
  readonly textContent: string | null;
}
/** Runs in the page: the texts that do not fit into their elements. */
const cutOff = (elements: unknown): (string | null)[] =>
  (elements as readonly Drawn[]).filter((each) => each.scrollWidth > each.clientWidth + 1).map((each) => each.textContent);

export class Workbench {
  readonly page: Page;
  private readonly browser: Browser;
  private readonly logs: string;
  private readonly stopServer: () => Promise<void>;

  private constructor(page: Page, browser: Browser, logs: string, stopServer: () => Promise<void>) {
    this.page = page;
    this.logs = logs;
    this.browser = browser;
    this.stopServer = stopServer;
  }

  /** Installs the VSIX that PATS_VSIX names into a new VS Code and opens a folder in its window. */
  static async open({ folder, trusted = true, settings = {}, env = {}, prefix = [] }: OpenOptions): Promise<Workbench> {
    const home = mkdtempSync(join(tmpdir(), 'pats-workbench-'));
    const folders = { data: join(home, 'data'), extensions: join(home, 'extensions') };
    const vsix = process.env['PATS_VSIX'] ?? join(root, 'out', `pats-backup-${localTarget}.vsix`);
    await installVsix({ vsix, ...folders });
    const server = await serve({ ...folders, trusted, env, prefix });
    const browser = await openChromium();
    const page = await newPage(browser, settings);
    const workbench = new Workbench(page, browser, join(folders.data, 'data/logs'), async () => {
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
    await this.page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
  }

  /** Keeps what tells why a test failed: the window, all of its messages, and the extension's log. */
  async keepFailure(test: string): Promise<void> {
    const name = `failed-${test.replace(/\W+/g, '-')}`;
    await this.screenshot(name);
    await succeeds(this.runCommand('Notifications: Show Notifications'));
    await this.screenshot(`${name}-messages`);
    const messages = await this.page.locator('.notifications-center .notification-list-item-message').allInnerTexts();
    console.log(['messages in the window:', ...messages].join('\n  '));
    // While they are shown there, no message comes up anew, and all later tests would fail, too.
    await succeeds(this.runCommand('Notifications: Hide Notifications'));
    for (const log of globSync('**/PATS Backup.log', { cwd: this.logs })) {
      console.log(readFileSync(join(this.logs, log), 'utf8'));
      copyFileSync(join(this.logs, log), join(cache, 'screenshots', `${name}.log`));
    }
  }

  /** Opens a view from the activity bar. */
  async showView(name: string): Promise<void> {
    const title = this.page.locator('.part.sidebar .composite.title').filter({ hasText: name });
    await until(`the view "${name}"`, async () => {
      // A second click would hide it again.
      if (!(await title.first().isVisible())) {
        await this.viewTab(name).click();
      }
      return appears(title);
    });
  }

  /** Runs a command as a user does: by its name in the palette. */
  async runCommand(name: string): Promise<void> {
    const command = this.option(new RegExp(`^${escaped(name)}(,|$)`));
    await until(`the command "${name}" in the palette`, async () => {
      // The palette closes when something else takes the focus, and a command may not be offered yet.
      await this.page.keyboard.press('F1');
      if (!(await appears(this.input))) {
        return false;
      }
      await this.input.fill(`>${name}`, { timeout: TRY_MS }).catch(() => undefined);
      if ((await appears(command)) && (await succeeds(command.click({ timeout: TRY_MS })))) {
        return true;
      }
      // A palette that stays open goes on offering what it knew when it was opened.
      await this.page.keyboard.press('Escape');
      return false;
    });
  }

  /** The same without a mouse. */
  async typeCommand(name: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.input.fill(`>${name}`);
    await this.option(new RegExp(`^${escaped(name)}(,|$)`)).waitFor();
    await this.page.keyboard.press('Enter');
  }

  /** Answers a question at the top of the window. */
  async enter(text: string): Promise<void> {
    await this.input.fill(text);
    await this.input.press('Enter');
  }

  /** Answers the file dialog, which is such a question here, too. */
  async enterFile(title: string, path: string): Promise<void> {
    const dialog = this.page.locator('.quick-input-title').filter({ hasText: title });
    await dialog.waitFor();
    await until('the place that the file dialog proposes', async () => (await this.input.inputValue()).startsWith('/'));
    await this.option(/^\.\./).waitFor();
    await until(`the file dialog to take ${path}`, async () => {
      // It takes nothing while it reads a folder.
      await this.input.fill(path, { timeout: TRY_MS }).catch(() => undefined);
      await this.input.press('Enter', { timeout: TRY_MS }).catch(() => undefined);
      return succeeds(dialog.waitFor({ state: 'hidden', timeout: TRY_MS / 3 }));
    });
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
    return this.page.locator('.part.sidebar').getByRole('treeitem', { name });
  }

  /** Opens what is below a row, with the mouse. */
  async expand(row: Locator): Promise<void> {
    await this.settledTree();
    await row.locator('.monaco-tl-twistie').click();
  }

  /** Presses keys, one after the other. */
  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      await this.page.keyboard.press(key);
    }
  }

  /** Waits until the rows stand still: while a tree takes new rows, a menu knows none of them. */
  private async settledTree(): Promise<void> {
    let before = '';
    await until('rows that stand still', async () => {
      const now = await this.page.locator('.part.sidebar').innerText();
      const isSame = now === before;
      before = now;
      await sleep(isSame ? 0 : 400);
      return isSame;
    });
  }

  /** Right-clicks and chooses from the menu. */
  async contextMenu(target: Locator, item: string): Promise<void> {
    // Its key stands behind the name of some.
    const entry = this.page.getByRole('menuitem', { name: new RegExp(`^${escaped(item)}(,| |$)`) });
    await this.settledTree();
    if (await entry.isVisible()) {
      // That of another row.
      await this.page.keyboard.press('Escape');
      await entry.waitFor({ state: 'hidden' });
    }
    await until(`the menu to take “${item}”`, async () => {
      if (!(await entry.isVisible())) {
        await target.click({ button: 'right' });
        // A menu takes no clicks in its first moments.
        await sleep(200);
      }
      // It closes when the tree below it changes.
      if (await succeeds(entry.click({ timeout: TRY_MS }))) {
        return succeeds(entry.waitFor({ state: 'hidden', timeout: TRY_MS }));
      }
      await this.page.keyboard.press('Escape');
      return false;
    });
  }

  /** Lets a file fall onto a row, as if it came from the desktop: only its content is known. */
  async dropFile(target: Locator, name: string, content: Buffer): Promise<void> {
    const bytes = `Uint8Array.from(atob('${content.toString('base64')}'), (char) => char.charCodeAt(0))`;
    await this.drop(target, `transfer.items.add(new File([${bytes}], ${JSON.stringify(name)}))`);
  }

  /** Lets a file fall onto a row, as if it came from the explorer: only its place is known. */
  async dropPath(target: Locator, path: string): Promise<void> {
    const uri = `vscode-remote://${new URL(this.page.url()).host}${path}`;
    await this.drop(target, `transfer.setData('text/uri-list', ${JSON.stringify(uri)})`);
  }

  /** What is dropped is made in the page, by a statement about `transfer`. */
  private async drop(target: Locator, filling: string): Promise<void> {
    const dataTransfer = await this.page.evaluateHandle(`(() => { const transfer = new DataTransfer(); ${filling}; return transfer; })()`);
    for (const event of ['dragenter', 'dragover', 'drop']) {
      await target.dispatchEvent(event, { dataTransfer });
    }
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

  /** Presses a button of a message, all of whose buttons must show their whole text. */
  async answerNotification(text: string | RegExp, button: string): Promise<void> {
    const cut = await this.notification(text).first().locator('.monaco-button').evaluateAll(cutOff);
    assert.deepEqual(cut, [], 'buttons that are cut off');
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

  /** A page of ours, in the frame that the window keeps it in. */
  async reading(text: string | RegExp, element = 'main'): Promise<Locator> {
    let found: Locator | undefined;
    await until(`a page with ${String(text)}`, async () => {
      for (const frame of this.page.frames()) {
        const main = frame.locator(element).filter({ hasText: text });
        if ((await main.count().catch(() => 0)) > 0) {
          found = main;
          return true;
        }
      }
      return false;
    });
    if (found === undefined) {
      throw new Error('There is no page.');
    }
    return found;
  }

  /** What axe finds wrong in a page of ours, a line each; read as it stands, in a page that runs its scripts. */
  async accessibilityProblems(main: Locator): Promise<string[]> {
    const frame = await (await main.elementHandle()).ownerFrame();
    const html = (await frame?.content())?.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, '') ?? '';
    const page = await this.browser.newPage();
    try {
      await page.setContent(html);
      await page.addScriptTag({ path: createRequire(join(root, 'package.json')).resolve('axe-core/axe.min.js') });
      return await page.evaluate<string[]>(AXE);
    } finally {
      await page.close();
    }
  }

  /** What a paste would give. */
  async clipboardText(): Promise<string> {
    return String(await this.page.evaluate('navigator.clipboard.readText()'));
  }

  /** Types a command into a new integrated terminal. */
  async runInTerminal(command: string): Promise<void> {
    await this.runCommand('Terminal: Create New Terminal');
    const prompt = this.page.locator('.terminal-wrapper.active .xterm-rows').last();
    await until('the prompt of the terminal', async () => /[#$%>]/.test(await prompt.innerText()));
    await this.page.keyboard.type(command);
    await this.page.keyboard.press('Enter');
  }

  /** The modal dialog. */
  get dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  private viewTab(name: string): Locator {
    return this.page.locator('.activitybar').getByRole('tab', { name: new RegExp(escaped(name)) });
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
