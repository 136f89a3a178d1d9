// Containers that are stopped while what they write to is replaced, and do afterwards what they did before: no more, no others.
import { BackupError, reportOf } from '../errors';
import { NoAnswer, type Docker } from './docker';
import { usersOf, type Home } from './home';
import { said } from '../said';

export interface Stopped {
  readonly id: string;
  readonly name: string;
  readonly was: 'running' | 'paused';
}

/** Those that run, or are paused, and could write to one of the homes, in one order for everybody. Fails with REFUSED for one that would be gone when it is stopped. */
export async function writersTo(docker: Docker, homes: readonly Pick<Home, 'volume' | 'container'>[]): Promise<readonly Stopped[]> {
  const found = new Map<string, Stopped>();
  for (const home of homes) {
    for (const { Id, State } of await usersOf(docker, home)) {
      const container = found.has(Id) ? null : await docker.inspect(Id);
      if (container?.isRemovedWhenStopped === true) {
        throw new BackupError(
          'REFUSED',
          said`The container ${container.name} uses the data, and is removed when it is stopped. Nothing was changed.`,
          said`End it first: docker stop ${container.name}`,
        );
      }
      if (container !== null) {
        found.set(Id, { id: Id, name: container.name, was: State === 'paused' ? 'paused' : 'running' });
      }
    }
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** One that is paused has to be woken for it: it could not end otherwise. One that is gone has ended. */
export async function stopAll(docker: Docker, containers: readonly Stopped[]): Promise<void> {
  for (const { id, was } of containers) {
    await (was === 'paused' ? docker.unpause(id).catch(() => undefined) : Promise.resolve());
    try {
      await docker.stop(id);
    } catch (error) {
      if ((await docker.inspect(id)) !== null) {
        throw error;
      }
    }
  }
}

/**
 * The last that was stopped first. Gives a sentence for each that could not be started, and those that the next run has to
 * start, because Docker does not answer. Never fails.
 */
export async function startAll(
  docker: Docker,
  containers: readonly Stopped[],
): Promise<{ readonly failures: readonly string[]; readonly left: readonly Stopped[] }> {
  const failures: string[] = [];
  const left: Stopped[] = [];
  for (const stopped of [...containers].reverse()) {
    const { id, name, was } = stopped;
    try {
      const found = await docker.inspect(id);
      if (found === null) {
        failures.push(said`The container ${name} was removed meanwhile: it is not started again.`);
      } else if (found.status !== 'paused') {
        await (found.status === 'running' ? Promise.resolve() : docker.start(id));
        await (was === 'paused' ? docker.pause(id) : Promise.resolve());
      }
    } catch (error) {
      failures.push(said`The container ${name} could not be started again: ${reportOf(error).message}`);
      if (error instanceof NoAnswer) {
        left.unshift(stopped);
      }
    }
  }
  return { failures, left };
}
