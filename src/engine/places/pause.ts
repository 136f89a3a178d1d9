// Containers that stand still for a moment, and the record of it: what a run that died has left paused, the next one wakes.
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { Docker } from './docker';

const NAME = /^paused-[0-9a-f]{8}\.json$/;
const recordSchema = () =>
  z.object({ pid: z.number().int(), at: z.number(), socket: z.string(), containers: z.array(z.string().regex(/^[0-9a-f]{12,64}$/)) });

/**
 * Runs `work` while the containers are paused, in one order for everybody, and always wakes them again. `state` is this
 * user's own folder, where the record lies meanwhile. Gives the milliseconds of the longest pause.
 */
export async function whilePaused<T>(
  docker: Docker,
  containers: readonly string[],
  state: string,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly pausedMs: number }> {
  if (containers.length === 0) {
    return { result: await work(), pausedMs: 0 };
  }
  const inOrder = [...containers].sort();
  const file = join(state, `paused-${randomBytes(4).toString('hex')}.json`);
  writeFileSync(file, JSON.stringify({ pid: process.pid, at: Date.now(), socket: docker.socket, containers: inOrder }), {
    flag: 'wx',
    mode: 0o600,
    flush: true,
  });
  let asleep = true;
  const start = performance.now();
  try {
    for (const id of inOrder) {
      await docker.pause(id);
    }
    const result = await work();
    asleep = !(await wake(docker, inOrder));
    return { result, pausedMs: Math.round(performance.now() - start) };
  } finally {
    asleep &&= !(await wake(docker, inOrder));
    if (!asleep) {
      rmSync(file, { force: true });
    }
  }
}

/** What runs that died have left paused, by the ids of the containers. Changes nothing. */
export function leftPaused(state: string): readonly string[] {
  return recordsIn(state).flatMap(({ record }) => record.containers);
}

/** Wakes them. What cannot be woken now stays in the record. */
export async function wakeLeft(state: string): Promise<void> {
  for (const { file, record } of recordsIn(state)) {
    if (await wake(new Docker(record.socket), record.containers)) {
      rmSync(file, { force: true });
    }
  }
}

/** Whether none of them is asleep any more; one that is gone, or that somebody woke, is as good as awake. */
async function wake(docker: Docker, ids: readonly string[]): Promise<boolean> {
  for (const id of [...ids].reverse()) {
    await docker.unpause(id).catch(() => undefined);
  }
  try {
    const paused = await docker.containers({ status: ['paused'] });
    return !paused.some(({ Id }) => ids.includes(Id));
  } catch {
    return false;
  }
}

function recordsIn(state: string): { readonly file: string; readonly record: z.infer<ReturnType<typeof recordSchema>> }[] {
  return namesIn(state)
    .filter((name) => NAME.test(name))
    .flatMap((name) => {
      const file = join(state, name);
      const record = recordSchema().safeParse(parsed(file));
      return record.success && isLeft(record.data) ? [{ file, record: record.data }] : [];
    });
}

function isLeft({ pid, at }: { readonly pid: number; readonly at: number }): boolean {
  try {
    process.kill(pid, 0);
    // Somebody else may have got the number since (https://man7.org/linux/man-pages/man5/proc.5.html).
    const started = statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.ctimeMs;
    return started !== undefined && started > at + 1000;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
