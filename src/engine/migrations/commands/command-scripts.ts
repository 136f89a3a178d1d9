// What `make x`, `npm run x` and the like start: the lines of the script, so that a migration in them is seen, too.
import { commandsIn } from './command-line';

export type Runner = 'make' | 'just' | 'task' | 'node' | 'python';

export interface Recipes {
  /** What runs when nothing is named. */
  readonly first: string;
  /** The command lines of each script; those that it starts before come first. */
  readonly byName: ReadonlyMap<string, readonly string[]>;
}

/** Folders and files are relative to where the command runs. */
export interface ScriptSources {
  /** null: there is no such file in the folder. */
  recipes(runner: Runner, folder: string): Recipes | null;
  /** The command lines of a shell script; empty: it cannot be read. */
  shellScript(file: string): readonly string[];
}

/** Scripts that start scripts are followed no deeper. */
const DEPTH = 4;
const RUNNERS: readonly (readonly [Runner, RegExp])[] = [
  ['make', /(?:^|\/)g?make$/],
  ['just', /(?:^|\/)just$/],
  ['task', /(?:^|\/)(?:go-)?task$/],
  ['node', /^(?:npm|pnpm|yarn|bun)$/],
  ['python', /^(?:pipenv|pdm|poe)$/],
];
const FOLDER = /^(?:-C|-d|--directory|--working-directory|--dir|--prefix|--cwd)$/;
const WORKSPACE = /^(?:-w|--workspace|-F|--filter)$/;
const SHELL = /(?:^|\/)(?:ba|z|da|k)?sh$/;
/** Options of make, of the runners, of Compose and of launchers that take the next word. */
const WITH_VALUE =
  /^(?:-C|-d|--directory|--working-directory|--dir|--prefix|--cwd|-w|--workspace|-F|--filter|-f|--file|--makefile|--justfile|-t|--taskfile|-I|-j|-e|--env|--env-file|-u|--user|--workdir|--index|-v|--volume|-p|--project-name|--project|--profile|--name|--entrypoint|--with|--group|--extra|--python)$/;

/** The command lines of the scripts that a command line starts, deeply; empty when it starts none. */
export function resolveScript(commandLine: string, sources: ScriptSources): string[] {
  return linesOf(commandLine, sources, '.', DEPTH, new Map());
}

/** `known`: how deep what a line starts was followed: a script that starts itself in many ways is followed once. */
function linesOf(commandLine: string, sources: ScriptSources, from: string, depth: number, known: Map<string, number>): string[] {
  let folder = from;
  if (depth === 0) {
    return [];
  }
  return commandsIn(commandLine).flatMap((command) => {
    const words = programIn(wordsOf(command));
    if (/^(?:cd|pushd)$/.test(words[0] ?? '')) {
      folder = within(folder, words[1] ?? '.');
      return [];
    }
    const { lines, place } = startedBy(words, sources, folder);
    return lines.flatMap((line) => {
      const key = `${place}\0${line}`;
      if ((known.get(key) ?? 0) >= depth) {
        return [];
      }
      known.set(key, depth);
      return [line, ...linesOf(line, sources, place, depth - 1, known)];
    });
  });
}

interface Started {
  readonly lines: readonly string[];
  /** Where they run. */
  readonly place: string;
}

function startedBy([program = '', ...rest]: readonly string[], sources: ScriptSources, folder: string): Started {
  if (SHELL.test(program) && /^-\w*c$/.test(rest[0] ?? '')) {
    return { lines: rest.slice(1, 2), place: folder };
  }
  const script = SHELL.test(program) || /^(?:source|\.)$/.test(program) ? rest.find((word) => !word.startsWith('-')) : program;
  if (script?.endsWith('.sh') === true) {
    return { lines: sources.shellScript(within(folder, script)), place: folder };
  }
  const runner = RUNNERS.find(([, pattern]) => pattern.test(program))?.[0];
  if (runner === undefined) {
    return { lines: [], place: folder };
  }
  const { names, places } = argumentsOf(rest, folder);
  for (const place of places) {
    const recipes = sources.recipes(runner, place);
    const lines = recipes === null ? [] : wanted(runner, recipes, names).flatMap((name) => recipes.byName.get(name) ?? []);
    if (lines.length > 0) {
      return { lines, place };
    }
  }
  return { lines: [], place: folder };
}

/** `npm run x` and `yarn x`; npm also runs what is called prex and postx. */
function wanted(runner: Runner, { first }: Recipes, names: readonly string[]): readonly string[] {
  const [verb = '', second = ''] = names;
  if (runner === 'node' || runner === 'python') {
    const name = /^(?:run|run-script)$/.test(verb) ? second : verb;
    return runner === 'node' ? [`pre${name}`, name, `post${name}`] : [name];
  }
  return names.length > 0 ? names : [first];
}

/** The program and its arguments, without what only says how and where it is started. */
function programIn(words: readonly string[]): readonly string[] {
  const [program = '', verb = '', ...rest] = words;
  if (/^\w+=/.test(program)) {
    return programIn(words.slice(1));
  }
  if (/^(?:sudo|doas|env|time|exec|nohup|command|nice)$/.test(program)) {
    return programIn(withoutOptions(words.slice(1)));
  }
  if (/^(?:uv|poetry|hatch|rye)$/.test(program)) {
    const run = words.indexOf('run');
    return run < 0 ? words : programIn(withoutOptions(words.slice(run + 1)));
  }
  const isCompose = (/^(?:docker|podman)$/.test(program) && verb === 'compose') || /^(?:docker|podman)-compose$/.test(program);
  const start = isCompose ? words.findIndex((word) => /^(?:exec|run)$/.test(word)) : -1;
  if (start >= 0) {
    return programIn(withoutOptions(words.slice(start + 1)).slice(1));
  }
  return /^(?:docker|podman)$/.test(program) && verb === 'exec' ? programIn(withoutOptions(rest).slice(1)) : words;
}

function withoutOptions(words: readonly string[]): readonly string[] {
  const [first = ''] = words;
  return first.startsWith('-') ? withoutOptions(words.slice(WITH_VALUE.test(first) ? 2 : 1)) : words;
}

function wordsOf(command: string): string[] {
  const plain = command.replace(/^\s*[({]\s*/, '').replace(/\s*\)\s*$/, '');
  return [...plain.matchAll(/"[^"]*"|'[^']*'|[^\s"']+/g)].map(([word]) => word.replace(/^(["'])([^]*)\1$/, '$2'));
}

function argumentsOf(words: readonly string[], folder: string): { readonly names: readonly string[]; readonly places: readonly string[] } {
  const names: string[] = [];
  let place = folder;
  let workspace: string | null = null;
  for (let at = 0; at < words.length; at++) {
    const [option = '', value] = (words[at] ?? '').split(/=(.*)/s, 2);
    if (option === '--') {
      break;
    }
    const next = value ?? words[at + 1] ?? '.';
    if (FOLDER.test(option)) {
      place = within(folder, next);
    } else if (WORKSPACE.test(option)) {
      workspace = next;
    }
    if (WITH_VALUE.test(option)) {
      at += value === undefined ? 1 : 0;
    } else if (!option.startsWith('-') && value === undefined) {
      names.push(option);
    }
  }
  return { names, places: workspace === null ? [place] : [within(place, workspace), place] };
}

function within(folder: string, path: string): string {
  return folder === '.' || path.startsWith('/') ? path : `${folder}/${path}`;
}
