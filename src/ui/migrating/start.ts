// Whether the command of a migration can start here: what is missing is seen before anything is backed up or run.
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Container, Status } from '../../engine/engine';
import { here } from '../../engine/platform/platform';
import { stepsOf } from '../../engine/platform/shell';
import type { Missing } from '../text/migration';

export interface Start {
  readonly command: string;
  /** Why it is not the one that the project is offered. */
  readonly insteadOf?: Missing;
}

/** The programs of Docker: unlike others they are in no virtual environment that a terminal of the user's may have active. */
const DOCKER = /^(docker|docker-compose)(?=\s)/;
const EXEC = /^(?:docker\s+compose|docker-compose)\b.*\sexec\s/;

/** What keeps the command from starting; null: nothing that can be told from outside. */
export async function missingFor(
  command: string,
  isInstalled: (program: string) => Promise<boolean>,
  container: () => Promise<Container | null>,
): Promise<Missing | null> {
  for (const { line } of stepsOf(command)) {
    const program = DOCKER.exec(line)?.[1];
    if (program !== undefined && !(await isInstalled(program))) {
      return { kind: 'program', program };
    }
    const found = EXEC.test(line) ? await container() : null;
    if (found?.running === false) {
      return { kind: 'service', service: found.service, start: found.start };
    }
  }
  return null;
}

/** The command, or the one of this machine where that cannot start; what is missing where there is none. */
export function startOf(command: string, missing: Missing | null, { applyHere }: Pick<Status, 'applyHere'>): Start | Missing {
  if (missing === null) {
    return { command };
  }
  return applyHere === undefined || applyHere === command ? missing : { command: applyHere, insteadOf: missing };
}

/** Whether a program is on the PATH of this process. */
export async function isOnPath(program: string): Promise<boolean> {
  const names = here.isWindows ? ['.exe', '.cmd', '.bat'].map((ending) => `${program}${ending}`) : [program];
  for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter((each) => each !== '')) {
    for (const name of names) {
      const isThere = await access(join(folder, name), constants.X_OK).then(
        () => true,
        () => false,
      );
      if (isThere) {
        return true;
      }
    }
  }
  return false;
}
