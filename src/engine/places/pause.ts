// Containers that stand still for a moment, and the record of it: what a run that died has left paused is woken all the same.
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { Docker } from './docker';
import { watchOver } from './watch-over';

const NAME = /^paused-[0-9a-f]{8}\.json$/;
/** One that is being written, by the process of that number. */
const HALF = /^paused-[0-9a-f]{8}\.json\.(\d+)\.new$/;
const ATTEMPTS = 3;
/** Milliseconds after a record within which a container that it does not confirm was paused by its run. */
const SOON = 10_000;
const idSchema = () => z.string().regex(/^[0-9a-f]{12,64}$/);
const recordSchema = () =>
  z.object({
    /** What the run held the lock of: whoever holds it now knows that this run is over. */
    key: z.string().optional(),
    pid: z.number().int(),
    at: z.number(),
    socket: z.string(),
    /** Those that were to be paused, and those that have been: not by anybody else. */
    containers: z.array(idSchema()),
    paused: z.array(idSchema()).optional(),
  });

type PauseRecord = z.infer<ReturnType<typeof recordSchema>>;

/** Where the record of a pause lies meanwhile, this user's own folder, and the key whose lock the run holds. */
export interface PauseKeeper {
  readonly state: string;
  readonly key: string;
}

/**
 * Runs `work` while the containers are paused, in one order for everybody, and always wakes again those that it has paused
 * itself, and no others. Gives the milliseconds for which they stood still.
 */
export async function whilePaused<T>(
  docker: Docker,
  containers: readonly string[],
  { state, key }: PauseKeeper,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly pausedMs: number }> {
  if (containers.length === 0) {
    return { result: await work(), pausedMs: 0 };
  }
  const inOrder = [...containers].sort();
  const file = join(state, `paused-${randomBytes(4).toString('hex')}.json`);
  const record = { key, pid: process.pid, at: Date.now(), socket: docker.socket, containers: inOrder, paused: [] as string[] };
  write(file, record);
  const watch = watchOver(file);
  let isAwake = false;
  const start = performance.now();
  try {
    for (const id of inOrder) {
      if (await docker.pause(id)) {
        record.paused.push(id);
        write(file, record);
      }
    }
    const result = await work();
    isAwake = await wake(docker, record.paused);
    return { result, pausedMs: Math.round(performance.now() - start) };
  } finally {
    isAwake ||= await wake(docker, record.paused);
    if (isAwake) {
      rmSync(file, { force: true });
    }
    watch.end();
  }
}

/** What runs that died have left paused, by the ids of the containers. Changes nothing. */
export function leftPaused(state: string): readonly string[] {
  return recordsIn(state, null).flatMap(({ record }) => record.paused ?? record.containers);
}

/** Wakes what runs that died have left, and those of `key`, whose lock the caller holds. What cannot be woken now stays in the record. */
export async function wakeLeft({ state, key }: { readonly state: string; readonly key: string | null }): Promise<void> {
  for (const { file, record } of recordsIn(state, key)) {
    const docker = new Docker(record.socket);
    const ours: string[] = [];
    for (const id of record.containers) {
      if (await isPausedBy(docker, record, id)) {
        ours.push(id);
      }
    }
    if (await wake(docker, ours)) {
      rmSync(file, { force: true });
    }
  }
  for (const name of namesIn(state)) {
    const pid = HALF.exec(name)?.[1];
    if (pid !== undefined && isDead(Number(pid))) {
      rmSync(join(state, name), { force: true });
    }
  }
}

/** Somebody who has woken it since, or paused it later, has decided; where Docker remembers nothing, the record counts. */
async function isPausedBy(docker: Docker, { paused, at }: PauseRecord, id: string): Promise<boolean> {
  const [first, second] = await docker.pauses(id, at).catch(() => []);
  const isConfirmed = paused?.includes(id) ?? true;
  return second === undefined && (first === undefined || (first.isPause && (isConfirmed || first.time <= at + SOON)));
}

/** Whether none of them is asleep any more; one that is gone, or that somebody woke, is as good as awake. */
async function wake(docker: Docker, ids: readonly string[]): Promise<boolean> {
  let left = [...ids].reverse();
  for (let attempt = 1; left.length > 0; attempt++) {
    const refused: string[] = [];
    for (const id of left) {
      await docker.unpause(id).catch(() => refused.push(id));
    }
    // One that was woken is not looked at again: whoever pauses it from now on is somebody else.
    const paused = refused.length === 0 ? [] : await docker.containers({ status: ['paused'] }).catch(() => null);
    left = paused === null ? refused : refused.filter((id) => paused.some(({ Id }) => Id === id));
    if (left.length > 0 && attempt === ATTEMPTS) {
      return false;
    }
    await (left.length > 0 ? sleep(500) : undefined);
  }
  return true;
}

/** Whole or not at all: a run may die in the middle of it. Where the machine itself fails, no container is paused afterwards: nobody waits for its disk. */
function write(file: string, record: PauseRecord): void {
  const half = `${file}.${process.pid}.new`;
  writeFileSync(half, JSON.stringify(record), { mode: 0o600 });
  renameSync(half, file);
}

function recordsIn(state: string, key: string | null): { readonly file: string; readonly record: PauseRecord }[] {
  return namesIn(state)
    .filter((name) => NAME.test(name))
    .flatMap((name) => {
      const file = join(state, name);
      const record = recordSchema().safeParse(parsed(file));
      return record.success && ((key !== null && record.data.key === key) || isDead(record.data.pid))
        ? [{ file, record: record.data }]
        : [];
    });
}

/** Somebody else may have got the number since: then the next run on the same place knows better. */
function isDead(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
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
