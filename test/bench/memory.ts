// The largest resident size of a process that makes, verifies or restores one backup.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../src/engine/create-engine';
import { emptyDatabase, fillDatabase, fillUploads, newPlace } from './places';

const TASK = 'PATS_BENCH_TASK';
const GOAL = 120;
/** As the extension starts the engine's process. */
const AS_STARTED = ['--max-semi-space-size=4'];

export function memoryLines(megabytes: readonly number[], counts: readonly number[]): string[] {
  const lines: string[] = [];
  const measured = (what: string, root: string): void => {
    for (const verb of ['create', 'verify', 'restore']) {
      const { stdout } = spawnSync(process.execPath, [...AS_STARTED, join(__dirname, 'memory.js')], {
        env: { ...process.env, [TASK]: `${verb} ${root}` },
        encoding: 'utf8',
      });
      lines.push(`${verb}, ${what}: ${stdout.trim()} MB, goal ${GOAL}`);
      process.stdout.write(`memory: ${lines.at(-1) ?? ''}\n`);
    }
    rmSync(root, { recursive: true });
  };
  for (const size of megabytes) {
    const place = newPlace(`memory-${size}`);
    fillDatabase(place, size);
    measured(`${size} MB database`, place.root);
  }
  for (const count of counts) {
    const place = newPlace(`memory-files-${count}`);
    emptyDatabase(place);
    fillUploads(place, count, 200);
    measured(`${count} uploads`, place.root);
  }
  return lines;
}

async function perform(task: string): Promise<void> {
  const [verb = '', root = ''] = task.split(' ');
  const engine = createEngine();
  if (verb === 'create') {
    await engine.create({ root }, { trigger: 'manual', name: 'measured' });
  } else if (verb === 'verify') {
    await engine.verify({ root }, { names: ['measured'] });
  } else {
    await engine.restore({ root }, { name: 'measured', scope: 'all' });
  }
  process.stdout.write(`${largest().toFixed(0)}\n`);
}

/** Megabytes. What getrusage says counts the process that started this one too, from before it became this program. */
function largest(): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
  } catch {
    return process.resourceUsage().maxRSS / 1024;
  }
}

const task = process.env[TASK];
if (task !== undefined) {
  void perform(task);
}
