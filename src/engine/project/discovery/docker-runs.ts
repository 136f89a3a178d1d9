// Containers that scripts start without Compose: `docker run -e DATA_DIR=/data -v ./store:/data image`.
import { basename, dirname, isAbsolute, relative, resolve } from 'node:path';
import { isFile, lookOf } from '../../migrations/reading/look';
import { isAside } from '../../migrations/reading/vendored';
import type { ProjectFolder } from '../../migrations/tool';
import type { ComposeService } from './compose';

const SCRIPTS = /^(?:package\.json|(?:GNU)?[Mm]akefile|[Jj]ustfile|Taskfile\.ya?ml|(?!.*test).*\.sh)$/;
const RUN = /\b(?:docker|podman)\s+(?:container\s+)?run\s([^\n;&|]{1,2000})/g;
const WORD = /(?:"[^"]*"|'[^']*'|[^\s"'\\])+/g;
const MOST = 20;

/** Each as a service of its own; what only a shell could tell of it is left out. */
export function dockerRuns(project: ProjectFolder): ComposeService[] {
  const look = lookOf(project);
  return look.files
    .filter((file) => SCRIPTS.test(basename(file)) && !isAside(relative(project.root, file)) && isFile(file))
    .flatMap((file) => {
      const text = (look.text(file) ?? '').replace(/\\\r?\n/g, ' ');
      return [...text.matchAll(RUN)].map(([, words = '']) => containerOf(words.match(WORD) ?? [], file));
    })
    .slice(0, MOST);
}

function containerOf(words: readonly string[], file: string): ComposeService {
  const folder = dirname(file);
  const environment: Record<string, string> = {};
  const mounts: ComposeService['mounts'][number][] = [];
  let workingFolder: string | null = null;
  for (const [index, word] of words.entries()) {
    const [, option = '', joined] = /^(-e|-v|-w|--env|--volume|--workdir)(?:=(.*))?$/s.exec(word) ?? [];
    const value = plain(joined ?? words[index + 1] ?? '', folder);
    if (option === '' || value === null) {
      continue;
    }
    const [, name = '', set = ''] = /^(\w+)=(.*)$/s.exec(value) ?? [];
    const [, source = '', container = '', mode = ''] = /^([^:]+):(\/[^:]*)(?::(\w+))?$/.exec(value) ?? [];
    if (/^-?-e/.test(option) && name !== '') {
      environment[name] = set;
    } else if (/^-?-w/.test(option)) {
      workingFolder = value;
    } else if (container !== '') {
      const host = /^[./]/.test(source) || isAbsolute(source) ? resolve(folder, source) : null;
      mounts.push({ host, source, container: container.replace(/(?<=.)\/$/, ''), isReadOnly: mode === 'ro' });
    }
  }
  return { name: '"docker run"', file, environment, mounts, workingFolder, buildFolder: folder, doubts: [] };
}

/** Without quotes, with the folder filled in; null: only a shell could tell. */
function plain(word: string, folder: string): string | null {
  const value = word.replace(/["']/g, '').replace(/\$\{?PWD\}?|\$\$?\(pwd\)|\$\(CURDIR\)|`pwd`/g, () => folder);
  return /[$`]/.test(value) ? null : value;
}
