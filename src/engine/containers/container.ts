// The compose service that mounts the live database: whether it runs, and how it is stopped and started.
import { execFile, type ExecFileOptions } from 'node:child_process';
import { promisify } from 'node:util';
import { fileOf, type ComposeService } from '../compose/compose';
import { composeCommand, composeOf, fileOptions } from '../compose/program';
import { BackupError } from '../errors';
import { serviceFor } from '../migrations/commands/service';
import type { Project } from '../project/project';
import { here } from '../platform/platform';
import { throughService } from './through-service';
import { said } from '../said';

export interface Container {
  readonly service: string;
  /** Absolute path. */
  readonly composeFile: string;
  /** null: Docker is not there or does not answer. */
  readonly running: boolean | null;
  /** Shell commands, to be run in the project's folder. */
  readonly stop: string;
  readonly start: string;
  /** Whether SQLite's locks may not reach into the container: Docker Desktop keeps it in a virtual machine. */
  readonly locksMayNotCross: boolean;
  /** A restore stops it, and starts it again, by itself: the data is reached through it. */
  readonly isStoppedByRestore?: boolean;
}

const ASK_MS = 10_000;
const SWITCH_MS = 120_000;

/** The standard output of a program that ended well. */
async function run(program: string, words: readonly string[], options: ExecFileOptions): Promise<string> {
  return (await promisify(execFile)(program, words, { ...options, encoding: 'utf8', windowsHide: true })).stdout;
}

/** The service that has the database open; null: none does, or nobody can say which. Never fails because of Docker. */
export async function findContainer(project: Project): Promise<Container | null> {
  const service = serviceOf(project);
  if (service === null) {
    return null;
  }
  const compose = composeOf(service.project, project.root);
  return {
    service: service.name,
    composeFile: fileOf(service),
    running: await isRunning(service),
    stop: `${compose} stop ${service.name}`,
    start: `${compose} start ${service.name}`,
    locksMayNotCross: project.databasePlace === undefined && (here.isMacos || here.isWindows),
    ...((project.databasePlace !== undefined || throughService(project) !== null) && { isStoppedByRestore: true }),
  };
}

/** Stops or starts the service that mounts the database. Fails with REFUSED when Docker refuses. */
export async function switchContainer(project: Project, action: 'stop' | 'start'): Promise<void> {
  const service = serviceOf(project);
  if (service === null) {
    throw new BackupError('USAGE', 'No compose service mounts the database.', 'Nothing was changed. Stop the application by hand.');
  }
  try {
    await askCompose(service, [action, service.name], SWITCH_MS);
  } catch (cause) {
    throw new BackupError(
      'REFUSED',
      said`The service ${service.name} could not be ${action === 'stop' ? 'stopped' : 'started'}.`,
      said`Try it in a terminal: ${composeOf(service.project, project.root)} ${action} ${service.name}`,
      { cause },
    );
  }
}

function serviceOf(project: Project): ComposeService | null {
  const choice = serviceFor({ ...project }, null);
  return choice.kind === 'one' ? choice.service : null;
}

async function isRunning(service: ComposeService): Promise<boolean | null> {
  try {
    // Both generations of Compose know this form; the first lists containers that have ended, too.
    const ids = (await askCompose(service, ['ps', '-q', service.name], ASK_MS)).split('\n').filter((id) => id.trim() !== '');
    if (ids.length === 0) {
      return false;
    }
    return (await run('docker', ['inspect', '--format', '{{.State.Running}}', ...ids], { timeout: ASK_MS })).includes('true');
  } catch {
    return null;
  }
}

async function askCompose({ project }: ComposeService, words: readonly string[], timeout: number): Promise<string> {
  const [program = 'docker', ...first] = composeCommand().split(' ');
  const named = fileOptions(project, project.folder);
  return run(program, [...first, ...named, ...words], { cwd: project.folder, timeout });
}
