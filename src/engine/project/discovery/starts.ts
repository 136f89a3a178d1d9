// How a project says that its program is started: the variables of compose services, Procfiles, services of systemd, scripts, editors.
import { basename, dirname, join, relative } from 'node:path';
import { parse } from 'jsonc-parser';
import { isTooDeep } from '../../limits/nesting';
import { isFile, lookOf } from '../../migrations/reading/look';
import { isUsual, namedEnvFiles } from '../../migrations/reading/named-env-files';
import { isAside, isLibrary } from '../../migrations/reading/vendored';
import type { ProjectFolder } from '../../migrations/tool';
import { shown } from '../paths';
import type { ComposeService } from './compose';
import { said } from '../../said';

export interface Start {
  /** For people, e.g. "the service web in compose.yaml". */
  readonly from: string;
  /** Those that may decide where a file lies. */
  readonly variables: ReadonlyMap<string, string>;
  /** null: on this machine. */
  readonly service: ComposeService | null;
  /** No `.env` is read. */
  readonly onlyNamed?: boolean;
}

const FILES =
  /^(?:Procfile(?:\.\w+)?|.*\.service|(?:GNU)?[Mm]akefile|[Jj]ustfile|.*\.sh|package\.json|supervisord?\.(?:conf|ini)|(?:wsgi|asgi|main|__main__|run|app|server|start|gunicorn(?:\.conf)?)\.py|(?:index|server|app|main|start|run)\.[cm]?[jt]s|ecosystem\.config\.[cm]?js)$/;
const EDITORS = [
  '.vscode/launch.json',
  '.vscode/tasks.json',
  '.vscode/settings.json',
  '.devcontainer/devcontainer.json',
  '.devcontainer.json',
];
/** What is started for another purpose has data of its own. */
const OTHERS = /test|e2e|\bci\b|lint|build|bench|demo|sample|example|cypress|playwright|storybook/i;
const MOST_FILES = 100;
const MOST_STARTS = 12;
const LONGEST = 1000;
const MOST_LINES = 3000;
const NAMES = /DIR|PATH|FOLDER|ROOT|HOME|FILE|DATA|DB|SQLITE|STOR|DSN|UR[IL]|VOLUME|BASE/i;
const NEVER = /^(?:PATH|HOME|PYTHONPATH|NODE_PATH|GOPATH|GEM_HOME|VIRTUAL_ENV|LD_LIBRARY_PATH|PWD|NODE_OPTIONS|UV_.*|PIP_.*|NPM_.*)$/i;

export function startsOf(project: ProjectFolder, services: readonly ComposeService[]): readonly Start[] {
  const look = lookOf(project);
  const ofServices = services
    .filter(({ name, file }) => !OTHERS.test(name) && !/test/i.test(basename(file)))
    .map((service) => ({
      from: said`the service ${service.name} in ${shown(service.file, project.root)}`,
      variables: placing(Object.entries(service.environment)),
      service,
    }));
  const files = look.files.filter(
    (file) =>
      FILES.test(basename(file)) &&
      !OTHERS.test(basename(file)) &&
      !isAside(relative(project.root, file)) &&
      !isLibrary(file, project.root),
  );
  const editors = EDITORS.map((path) => join(project.root, path)).filter(isFile);
  const ofFiles = [...files, ...editors]
    .slice(0, MOST_FILES)
    .flatMap((file) =>
      look
        .once('starts', file, () => pairsIn(file, shortLines(file, look.text(file) ?? ''), project.root))
        .map((pairs) => ({ from: shown(file, project.root), variables: placing(pairs), service: null })),
    );
  const seen = new Set<string>();
  const naming = namedEnvFiles(project).find(({ file, isByCode, written }) => file !== null && isByCode && !isUsual(written));
  const ofCode = naming === undefined ? [] : [{ from: naming.from, variables: new Map<string, string>(), service: null, onlyNamed: true }];
  return [...ofCode, ...ofServices, ...ofFiles]
    .filter((start) => {
      const { variables, service } = start;
      const key = service === null ? JSON.stringify([...variables]) : `${service.name} ${service.file}`;
      const isNew = ('onlyNamed' in start || variables.size > 0) && !seen.has(key);
      seen.add(key);
      return isNew;
    })
    .slice(0, MOST_STARTS);
}

/** Some of the patterns below look at a line more than once. */
function shortLines(file: string, text: string): string {
  return file.endsWith('.json')
    ? text
    : text
        .split('\n', MOST_LINES)
        .filter((line) => line.length <= LONGEST)
        .join('\n');
}

type Pair = readonly [name: string, value: string];

/** Which stage runs is another question than where its files lie. */
function placing(pairs: readonly Pair[]): ReadonlyMap<string, string> {
  const isPlace = (name: string, value: string): boolean =>
    !NEVER.test(name) &&
    value.length < LONGEST &&
    !/^(?!sqlite|file:)[a-z][\w+.-]+:\/\//i.test(value) &&
    (/[\\/]|\.(?:db|db3|sqlite|sqlite3)$/i.test(value) ||
      (NAMES.test(name) && /^[\w.-]+$/.test(value) && !/^\d+$|^(?:true|false|yes|no|on|off)$/i.test(value)));
  return new Map(pairs.filter(([name, value]) => isPlace(name, value)));
}

/** One list for each thing that is started. */
function pairsIn(file: string, text: string, root: string): Pair[][] {
  const name = basename(file);
  const folder = dirname(file);
  if (/\.json$/.test(name) && name !== 'package.json') {
    return inJson(text, root);
  }
  if (name === 'package.json') {
    const { scripts } = isTooDeep(text) ? {} : ((parse(text) ?? {}) as { readonly scripts?: unknown });
    return Object.entries(typeof scripts === 'object' && scripts !== null ? scripts : {})
      .filter(([script, line]) => typeof line === 'string' && !OTHERS.test(script))
      .map(([, line]) => assigned(String(line), folder));
  }
  if (name.endsWith('.service') || name.startsWith('supervisor')) {
    const work = /^WorkingDirectory=-?"?([^"\n]+?)"?\s*$/m.exec(text)?.[1] ?? '';
    const lines = [...text.matchAll(/^environment\s*=\s*(.*)$/gim)].map(([, line = '']) => line);
    const pairs = lines.flatMap((line) => pairsOf(line.replaceAll('","', '" "').replaceAll(',', ' '), folder));
    // The working folder of a deployment is what this project is here.
    return [
      pairs.map(([key, value]) => [key, work.startsWith('/') && value.startsWith(`${work}/`) ? root + value.slice(work.length) : value]),
    ];
  }
  if (/^ecosystem/.test(name)) {
    return [...text.matchAll(/\benv\w*\s*:\s*\{([^{}]*)\}/g)].map(([, inner = '']) =>
      [...inner.matchAll(/["']?(\w+)["']?\s*:\s*["']([^"'\n]*)["']/g)].map(([, key = '', value = '']): Pair => [key, value]),
    );
  }
  if (/\.(?:py|[cm]?[jt]s)$/.test(name)) {
    return [setByCode(text)];
  }
  if (/[Mm]akefile$/.test(name)) {
    const exported = new Set(
      [...text.matchAll(/^export\s+([A-Za-z_][\w \t]*?)\s*(?:[:?+]?=|$)/gm)].flatMap(([, names = '']) => names.split(/\s+/)),
    );
    const given = [...text.matchAll(/^(?:export\s+)?([A-Za-z_]\w*)\s*[:?]?=\s*(.*?)\s*$/gm)].filter(
      ([, key = '']) => exported.has(key) || /^\.EXPORT_ALL/m.test(text),
    );
    return [
      given.flatMap(([, key = '', value = '']): Pair[] => pairOf(key, value, folder)),
      ...recipes(text).map((line) => assigned(line, folder)),
    ];
  }
  if (name.endsWith('.sh')) {
    return [text.split('\n').flatMap((line) => assigned(line, folder))];
  }
  return text.split('\n').map((line) => assigned(line.replace(/^[\w-]+:/, ''), folder));
}

/** `os.environ["A"] = "b"`, `process.env.A ??= "b"`, `raw_env = ["A=b"]` of gunicorn. */
function setByCode(text: string): Pair[] {
  const set = text.matchAll(
    /(?:environ\[|environ\.setdefault\(|process\.env\.|process\.env\[)["']?(\w+)["']?\]?\s*(?:,|(?:\?\?|\|\|)?=(?!=))\s*(["'`])([^"'`$\n]*)\2/g,
  );
  const raw = /\braw_env\s*=\s*\[([^\]]{0,2000})\]/.exec(text)?.[1] ?? '';
  return [
    ...[...set].map(([, name = '', , value = '']): Pair => [name, value]),
    ...[...raw.matchAll(/["'](\w+)=([^"'\n]*)["']/g)].map(([, name = '', value = '']): Pair => [name, value]),
  ];
}

/** The lines of the targets that do not only try something out. */
function recipes(text: string): string[] {
  let isOther = false;
  return text.split('\n').filter((line) => {
    const target = /^([\w./-]+)\s*:(?!=)/.exec(line)?.[1];
    isOther = target === undefined ? isOther : OTHERS.test(target);
    return /^\s/.test(line) && !isOther;
  });
}

/** `A=1 B=2 program`, `export A=1`, `cross-env A=1 program`. */
function assigned(line: string, folder: string): Pair[] {
  const starts = /(?:^|[;&|]|\benv|\bexport|\bcross-env(?:-shell)?)\s*@?((?:[A-Za-z_]\w*=(?:"[^"]*"|'[^']*'|[^\s"';&|]*)\s*)+)/g;
  return /^\s*#/.test(line) || /\b(?:docker|podman|kubectl|ssh)\b/.test(line)
    ? []
    : [...line.slice(0, LONGEST).matchAll(starts)].flatMap(([, all = '']) => pairsOf(all, folder));
}

function pairsOf(text: string, folder: string): Pair[] {
  // In systemd's way the quotes stand around the whole.
  const pairs = text.matchAll(/"([A-Za-z_]\w*)=([^"]*)"|'([A-Za-z_]\w*)=([^']*)'|([A-Za-z_]\w*)=("[^"]*"|'[^']*'|[^\s"']*)/g);
  return [...pairs].flatMap(([, a, b, c, d, e = '', f = '']) => pairOf(a ?? c ?? e, b ?? d ?? f, folder));
}

/** With the defaults of variables filled in; nothing where only a shell could tell. */
function pairOf(name: string, written: string, folder: string): Pair[] {
  const value = written
    .replace(/^(["'])(.*)\1$/, '$2')
    .replace(/\$\{\w+:?[-=]([^{}]*)\}/g, '$1')
    .replace(/\$\{?PWD\}?|\$\(pwd\)|\$\(CURDIR\)|`pwd`/g, () => folder);
  return value === '' || /[$`]/.test(value) ? [] : [[name, value]];
}

function isOther(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string' && OTHERS.test(value.name);
}

const IN_JSON = /^(?:env|containerEnv|remoteEnv|terminal\.integrated\.env\.(?:linux|osx|windows))$/;

function inJson(text: string, root: string): Pair[][] {
  const found: Pair[][] = [];
  const visit = (value: unknown): void => {
    for (const [key, inner] of typeof value === 'object' && value !== null ? Object.entries(value as Record<string, unknown>) : []) {
      if (IN_JSON.test(key) && typeof inner === 'object' && inner !== null && !isOther(value)) {
        found.push(
          Object.entries(inner as Record<string, unknown>).flatMap(([name, each]): Pair[] =>
            typeof each === 'string' ? inFolder(name, each) : [],
          ),
        );
      } else {
        visit(inner);
      }
    }
  };
  const inFolder = (name: string, value: string): Pair[] => {
    const known = value
      .replace(/\$\{(?:workspaceFolder|workspaceRoot|containerWorkspaceFolder|localWorkspaceFolder)(?::[^}]*)?\}/g, () => root)
      .replace(`/workspaces/${basename(root)}`, () => root);
    return known.includes('${') ? [] : [[name, known]];
  };
  visit(isTooDeep(text) ? null : parse(text));
  return found;
}
