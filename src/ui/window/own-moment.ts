// Keeps messages that nobody asked for apart from others: VS Code shows at most three new ones in 800 ms and hides the rest.
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds between two of them, and after the moment in which an operation may have told its result. */
const APART_MS = 1000;

let next = 0;

/** Resolves when a message may be shown that will be seen. */
export async function ownMoment(): Promise<void> {
  const now = Date.now();
  const mine = Math.max(next, now + APART_MS);
  next = mine + APART_MS;
  await sleep(mine - now);
}
