// Stops the compose service that mounts the database around a restore.
import type { Container } from '../engine/containers/container';
import type { ProjectRequest } from '../engine/project/project';
import { logFailure, showFailure } from './failure';
import type { Parts } from './parts';
import type { OpenProject } from './projects';

/** The service that mounts the database; null also when that cannot be found out. */
export async function containerOf({ engine, projects, log }: Parts, project: OpenProject): Promise<Container | null> {
  try {
    return await engine.container(projects.requestOf(project));
  } catch (error) {
    logFailure(log, 'container', error);
    return null;
  }
}

/** Does the work while the service is stopped, and starts it again whatever comes of the work. */
export async function stoppedMeanwhile<T>({ engine, log }: Parts, request: ProjectRequest, work: () => Promise<T>): Promise<T> {
  await engine.switchContainer(request, { action: 'stop' });
  log.info('stopped the compose service');
  try {
    return await work();
  } finally {
    // Whatever came of the work is what the command tells; that the service stands still is told beside it.
    await engine.switchContainer(request, { action: 'start' }).then(
      () => {
        log.info('started the compose service');
      },
      (failure: unknown) => {
        showFailure(log, 'start the compose service', failure);
      },
    );
  }
}
