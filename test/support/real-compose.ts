// The real Compose, asked what the files in a folder say; and our own reading in the same form.
import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readCompose } from '../../src/engine/compose/compose';
import { canWorkOut, composeCommand } from '../../src/engine/compose/program';
import { SHELL } from './generated-compose';

/** What matters of a service, comparable. null: Compose does not accept the files. */
export type ComposeAnswer = Readonly<Record<string, unknown>> | null;

/** Answers of the real one to the first generated projects. */
export const RECORD = join(process.env['PATS_REPO'] ?? process.cwd(), 'test/support/recorded-compose.json');

/** The answer as it is on every machine. */
export function withoutPlaces(answer: ComposeAnswer, folder: string): ComposeAnswer {
  return JSON.parse(JSON.stringify(answer).replaceAll(folder, '<folder>').replaceAll(homedir(), '<home>')) as ComposeAnswer;
}

export const hasCompose = (): boolean => canWorkOut();

interface Volume {
  readonly type: string;
  readonly source?: string;
  readonly target: string;
  readonly read_only?: boolean;
}

interface Config {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly environment?: Readonly<Record<string, string | null>>;
        readonly volumes?: readonly Volume[];
        readonly working_dir?: string;
        readonly build?: { readonly context: string; readonly dockerfile?: string; readonly target?: string };
        readonly image?: string;
      }
    >
  >;
}

/** `docker compose config` in the folder. */
export function realAnswer(root: string): ComposeAnswer {
  const [program = 'docker', ...first] = composeCommand().split(' ');
  const result = spawnSync(program, [...first, 'config', '--format', 'json'], { cwd: root, encoding: 'utf8', env: environment(root) });
  if (result.status !== 0) {
    return null;
  }
  const { services } = JSON.parse(result.stdout.replaceAll('$$', '$')) as Config;
  return mapped(services, (service) => ({
    environment: Object.fromEntries(Object.entries(service.environment ?? {}).filter(([, value]) => value !== null)),
    mounts: (service.volumes ?? [])
      .map(({ type, source, target, read_only: isReadOnly }) => ({
        host: type === 'bind' ? (source ?? null) : source === 'bound' ? '/srv/bound' : null,
        container: target.replace(/(?<=.)\/$/, ''),
        isReadOnly: isReadOnly === true,
      }))
      .sort(byContainer),
    workingFolder: service.working_dir ?? null,
    build:
      service.build === undefined ? null : [service.build.context, service.build.dockerfile ?? 'Dockerfile', service.build.target ?? null],
    image: service.image ?? null,
  }));
}

/** The same, read by ourselves, or as the product asks for it. */
export function ourAnswer(root: string, mayAsk = false): ComposeAnswer {
  const saved = { ...process.env };
  Object.assign(process.env, SHELL);
  try {
    const [project] = readCompose(root, { mayAsk });
    if (project === undefined || project.doubts.length > 0) {
      return null;
    }
    const services = Object.fromEntries(project.services.filter(({ isActive }) => isActive).map((service) => [service.name, service]));
    return mapped(services, ({ environment: variables, mounts, workingFolder, build, image }) => ({
      environment: variables,
      mounts: mounts.map(({ host, container, isReadOnly }) => ({ host, container, isReadOnly })).sort(byContainer),
      workingFolder,
      build: build === null ? null : [build.context, build.dockerfile, build.target],
      image,
    }));
  } finally {
    // Not a new object: what is set on one later would not reach the system.
    for (const name of Object.keys(SHELL)) {
      Reflect.deleteProperty(process.env, name);
    }
    Object.assign(process.env, saved);
  }
}

function environment(root: string): NodeJS.ProcessEnv {
  return { ...process.env, ...SHELL, PWD: root };
}

function byContainer(a: { readonly container: string }, b: { readonly container: string }): number {
  return a.container < b.container ? -1 : 1;
}

function mapped<T>(services: Readonly<Record<string, T>>, map: (service: T) => unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(services)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, service]) => [name, map(service)]),
  );
}
