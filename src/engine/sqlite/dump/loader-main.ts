// Entry of dist/dump-loader.js: loads one dump and answers; ends itself when its time is over or nobody waits any more.
import { Worker } from 'node:worker_threads';
import { reportOf } from '../../errors';
import { OVER_BUDGET, type FromLoader, type LoadTask, type ToLoader } from './apart';
import { Growth } from './growing';
import { loadDump } from './load';

/** A thread of its own, because SQLite lets nobody else in this one have a turn. */
const WATCH = `
const { workerData } = require('node:worker_threads');
const parent = process.ppid;
setInterval(() => {
  const { user, system } = process.cpuUsage();
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
  if (workerData.budget !== null && (user + system) / 1000 > workerData.budget) process.kill(process.pid, workerData.signal);
}, 50);
`;

/** Milliseconds of processor time that the start takes where budgets are measured. */
const ORDINARY_START = 80;

process.once('message', (task: LoadTask) => {
  const { user, system } = process.cpuUsage();
  // A slower machine has more time, by as much as it took longer to get here.
  const slower = Math.max(1, (user + system) / 1000 / ORDINARY_START);
  const budget = task.budget === null ? null : task.budget * slower;
  new Worker(WATCH, { eval: true, workerData: { budget, signal: OVER_BUDGET } }).unref();
  void load(task);
});

async function load({ dump, target, isGrowing, isForALook }: LoadTask): Promise<void> {
  try {
    const onProgress: (progress: Extract<FromLoader, { progress: unknown }>['progress']) => void = (progress) => {
      answer({ progress });
    };
    const onFilled = (): void => {
      answer({ filled: true });
    };
    const growth = isGrowing === true ? { growth: growthAsTold() } : {};
    answer({ loaded: await loadDump(dump, target, { onProgress, onFilled, isForALook, ...growth }) });
  } catch (error) {
    answer({ report: reportOf(error) });
  }
}

function growthAsTold(): Growth {
  const growth = new Growth();
  process.on('message', ({ length, isWhole }: ToLoader) => {
    growth.reached(length, isWhole);
  });
  return growth;
}

function answer(message: FromLoader): void {
  process.send?.(message);
}
