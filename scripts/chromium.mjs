// The headless browser that shows the served VS Code.
import { chromium } from 'playwright-core';
import { findChromium } from './system-packages.mjs';

/** Starts Chromium; it ends with this process. */
export async function openChromium() {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    throw new Error('Chromium is missing. Install it, or name it in the environment variable PATS_CHROMIUM.');
  }
  const quiet = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', ...quiet] });
}
