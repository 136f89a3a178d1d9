// Waiting for what a window or a disk will show: for facts, never for a time to pass.
import type { Locator } from 'playwright-core';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a busy machine may take for one thing. */
export const PATIENCE_MS = 60_000;

/** How long one try may take before it is made again. */
export const TRY_MS = 3_000;

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

/** Whether it becomes visible within the time of one try. */
export function appears(locator: Locator): Promise<boolean> {
  return succeeds(locator.first().waitFor({ timeout: TRY_MS }));
}

/** Whether it comes to an end without an error. */
export function succeeds(attempt: Promise<void>): Promise<boolean> {
  return attempt.then(
    () => true,
    () => false,
  );
}
