// The compose projects of a folder, as Compose itself understands them: read once, asked of Compose where that is allowed.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { askCompose } from './ask';
import { dataOf, type Data } from './document';
import { composeProjectsIn, type ComposeFiles } from './files';
import type { Lookup } from './interpolation';
import { loadFiles } from './load';
import { isActive, serviceOf, serviceOfAnswer, type Service } from './service';
import { said } from '../said';

export interface ComposeService extends Service {
  readonly project: ComposeProject;
  /** false: only profiles that nobody asks for start it, as is true of all services of its project. */
  readonly isActive: boolean;
}

export interface ComposeProject extends ComposeFiles {
  readonly services: readonly ComposeService[];
  /** Why this reading may not be Compose's own, a sentence each; empty: it is. */
  readonly doubts: readonly string[];
}

export interface ComposeReading {
  /** Compose may be asked: the folder is trusted. */
  readonly mayAsk?: boolean;
}

interface Remembered {
  readonly environment: string;
  readonly stamps: ReadonlyMap<string, string>;
  readonly files: string;
  readonly projects: readonly ComposeProject[];
}

/** More files than this are nobody's daily work. */
const MAX_PROJECTS = 12;
const MAX_ASKED = 4;
const remembered = new Map<string, Remembered>();
const MAX_REMEMBERED = 20;
const RESOLUTION = 2000;
let unsettled = 0;

/** Every compose project below `root`, the one that plain `docker compose` takes first. Read again only when a file has changed. */
export function readCompose(root: string, { mayAsk = true }: ComposeReading = {}): readonly ComposeProject[] {
  const read = new Set<string>();
  const shell = shellOf(root);
  const candidates = composeProjectsIn(root, shell, read).slice(0, MAX_PROJECTS);
  const files = JSON.stringify(candidates);
  const environment = JSON.stringify(process.env);
  const key = `${mayAsk ? 'asked' : 'read'} ${root}`;
  const known = remembered.get(key);
  if (known?.environment === environment && known.files === files && [...known.stamps].every(([file, stamp]) => stampOf(file) === stamp)) {
    return known.projects;
  }
  const projects = candidates.map((candidate, index) => projectOf(candidate, shell, mayAsk && index < MAX_ASKED, read));
  const stamps = new Map([...read].map((file) => [file, stampOf(file)]));
  if (remembered.size >= MAX_REMEMBERED) {
    remembered.clear();
  }
  remembered.set(key, { environment, stamps, files, projects });
  return projects;
}

/** The variables of whoever types `docker compose` in the project's root. */
function shellOf(root: string): Lookup {
  return (name) => (name === 'PWD' ? root : process.env[name]);
}

function projectOf(files: ComposeFiles, shell: Lookup, mayAsk: boolean, read: Set<string>): ComposeProject {
  const loaded = loadFiles(files.files, files.folder, shell);
  loaded.read.forEach((file) => read.add(file));
  const doubts = new Set(loaded.doubts);
  const volumes = dataOf(loaded.data['volumes']);
  const wanted = (loaded.lookup('COMPOSE_PROFILES') ?? '').split(',').map((name) => name.trim());
  const all = Object.entries(dataOf(loaded.data['services']))
    .filter(([name]) => isServiceName(name))
    .map(([name, data]) => [name, dataOf(data)] as const);
  const active = all.filter(([, data]) => isActive(data, wanted));
  // Where everything has a profile, one of them is started by name: what its files are is worth knowing.
  const chosen = active.length > 0 ? active : all;
  const about = active.length > 0 ? doubts : new Set<string>();
  const services = chosen.map(([name, data]) => serviceOf(name, data, volumes, loaded.lookup, about, read));
  const answer = mayAsk && all.length > 0 ? askCompose(files) : null;
  if (answer?.kind === 'refused') {
    doubts.add(said`Compose does not accept ${files.files.join(', ')}: ${answer.reason}`);
  }
  return answer?.kind === 'config' && active.length > 0
    ? withServices(files, servicesOfAnswer(answer.data, volumes), [], true)
    : withServices(files, services, [...doubts], active.length > 0);
}

function servicesOfAnswer(answer: Data, read: Data): Service[] {
  const volumes = Object.entries(dataOf(answer['volumes'])).map(([name, volume]) => {
    const { device } = dataOf(dataOf(volume)['driver_opts']);
    const options = dataOf(dataOf(volume)['driver_opts'])['o'];
    const isBind = typeof device === 'string' && typeof options === 'string' && /(^|,)r?bind(,|$)/.test(options);
    return [name, { ...dataOf(volume), ...(isBind && { device: dataOf(read[name])['device'] ?? device }) }];
  });
  const named = Object.fromEntries(volumes) as Data;
  const services = Object.entries(dataOf(answer['services'])).filter(([name]) => isServiceName(name));
  return services.map(([name, data]) => serviceOfAnswer(name, dataOf(data), named));
}

/** What Compose takes for one, and no program for an option, nor a shell for anything else. */
function isServiceName(name: string): boolean {
  return /^[a-zA-Z0-9._][a-zA-Z0-9._-]*$/.test(name);
}

function withServices(files: ComposeFiles, services: readonly Service[], doubts: readonly string[], isActive: boolean): ComposeProject {
  const project: ComposeProject = {
    ...files,
    doubts,
    get services() {
      return all;
    },
  };
  const all: readonly ComposeService[] = services.map((service) => ({ ...service, project, isActive }));
  return project;
}

function stampOf(file: string): string {
  try {
    const { mtimeNs, ctimeNs, size, ino } = statSync(file, { bigint: true });
    // What was changed just now may have been changed again within the resolution of its times.
    const isSettled = Number(ctimeNs / 1_000_000n) < Date.now() - RESOLUTION;
    return isSettled ? [mtimeNs, ctimeNs, size, ino].join() : `${Date.now()} ${++unsettled}`;
  } catch {
    return 'absent';
  }
}

/** The first compose file of a service's project, for people and as a place. */
export function fileOf({ project }: ComposeService): string {
  return project.files[0] ?? join(project.folder, 'compose.yaml');
}
