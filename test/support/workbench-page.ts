// The browser page in which the window is shown: quiet, the same everywhere, with settings of its own.
import type { Browser, Page, Route } from 'playwright-core';
import { PATIENCE_MS } from './patience.ts';

/** A quiet window that looks the same everywhere. */
const SETTINGS = {
  'workbench.colorTheme': 'Default Dark Modern',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'window.commandCenter': false,
  'window.title': '${rootName}',
  'chat.disableAIFeatures': true,
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
  'terminal.integrated.initialHint': false,
  // Text in the page, not pixels in a canvas.
  'terminal.integrated.gpuAcceleration': 'off',
};

/** A page whose window has these user settings beside those that keep it quiet. */
export async function newPage(browser: Browser, settings: Readonly<Record<string, unknown>>): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    colorScheme: 'dark',
    // The page comes out of the route below, and without the last one may not talk to its own server.
    permissions: ['clipboard-read', 'clipboard-write', 'local-network-access'],
  });
  context.setDefaultTimeout(PATIENCE_MS);
  await context.route(/\/\?/, (route) => giveDefaults(route, { ...SETTINGS, ...settings }));
  return context.newPage();
}

/** Gives the window its settings as whoever embeds the workbench does: no file of the user or the project is touched. */
async function giveDefaults(route: Route, settings: Readonly<Record<string, unknown>>): Promise<void> {
  const response = await route.fetch();
  const defaults = JSON.stringify({ configurationDefaults: settings }).slice(1, -1);
  const start = 'id="vscode-workbench-web-configuration" data-settings="{';
  const page = (await response.text()).replace(start, `${start}${defaults.replaceAll('"', '&quot;')},`);
  await route.fulfill({ response, body: page });
}
