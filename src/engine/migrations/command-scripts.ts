// What `make x` and `npm run x` start, one level deep: the lines of the script, so that a migration in them is seen, too.

export interface ScriptSources {
  /** The text of the Makefile in a folder (relative to where the command runs); null: there is none. */
  readMakefile(folder: string): string | null;
  /** The scripts of the package.json in a folder; null: there is none. */
  packageScripts(folder: string): Readonly<Record<string, string>> | null;
}

const PACKAGE_RUNNER = /^(?:npm|pnpm|yarn|bun)$/;
/** Options of make and of the package runners that take the next word. */
const WITH_VALUE = /^(?:-C|--directory|-f|--file|--makefile|-I|-j|--prefix|--dir|--cwd|-w|--workspace|-F|--filter)$/;
const FOLDER = /^(?:-C|--directory|--prefix|--dir|--cwd)$/;

/** The command lines of the scripts that a command line starts; empty when it starts none. */
export function resolveScript(commandLine: string, sources: ScriptSources): string[] {
  let folder = '.';
  return commandLine.split(/&&|\|\||[;|\n]/).flatMap((command) => {
    const words = wordsOf(command);
    const [program = '', ...rest] = words.slice(words.findIndex((word) => !/^(?:\w+=.*|sudo|env|time|exec)$/.test(word)));
    if (program === 'cd') {
      folder = within(folder, rest[0] ?? '.');
      return [];
    }
    const { names, place } = argumentsOf(rest, folder);
    if (/(?:^|\/)g?make$/.test(program)) {
      const makefile = sources.readMakefile(place);
      return makefile === null ? [] : recipesOf(makefile, names);
    }
    const scripts = PACKAGE_RUNNER.test(program) ? sources.packageScripts(place) : null;
    return scripts === null ? [] : scriptsNamed(scripts, names);
  });
}

function wordsOf(command: string): string[] {
  return [...command.matchAll(/"[^"]*"|'[^']*'|[^\s"']+/g)].map(([word]) => word.replace(/^(["'])(.*)\1$/, '$2'));
}

function argumentsOf(words: readonly string[], folder: string): { readonly names: readonly string[]; readonly place: string } {
  const names: string[] = [];
  let place = folder;
  for (let at = 0; at < words.length; at++) {
    const [option = '', value] = (words[at] ?? '').split(/=(.*)/s, 2);
    if (option === '--') {
      break;
    }
    if (FOLDER.test(option)) {
      place = within(folder, value ?? words[at + 1] ?? '.');
    }
    if (WITH_VALUE.test(option)) {
      at += value === undefined ? 1 : 0;
    } else if (!option.startsWith('-') && value === undefined) {
      names.push(option);
    }
  }
  return { names, place };
}

function within(folder: string, path: string): string {
  return folder === '.' || path.startsWith('/') ? path : `${folder}/${path}`;
}

/** `npm run x`, and `yarn x`; npm also runs what is called prex and postx. */
function scriptsNamed(scripts: Readonly<Record<string, string>>, [first = '', second = '']: readonly string[]): string[] {
  const name = /^(?:run|run-script)$/.test(first) ? second : first;
  return [`pre${name}`, name, `post${name}`].flatMap((each) => (Object.hasOwn(scripts, each) ? (scripts[each] ?? []) : []));
}

/** The recipe lines of the targets; of the first target when none is named. */
function recipesOf(makefile: string, targets: readonly string[]): string[] {
  const lines = makefile.replace(/\s*\\\r?\n\s*/g, ' ').split(/\r?\n/);
  const variables = new Map<string, string>();
  const rules: { readonly targets: readonly string[]; readonly recipe: string[] }[] = [];
  for (const line of lines) {
    const variable = /^(?:export\s+)?(\w+)\s*[:?]?:?=\s*(.*?)\s*$/.exec(line);
    const rule = /^([^\s#:=][^#:=]*?)\s*::?(?!=)(?:[^;]*;\s*(\S.*))?/.exec(line);
    if (line.startsWith('\t')) {
      rules.at(-1)?.recipe.push(line.trim().replace(/^[@+-]+\s*/, ''));
    } else if (variable !== null) {
      variables.set(variable[1] ?? '', variable[2] ?? '');
    } else if (rule !== null) {
      rules.push({ targets: (rule[1] ?? '').split(/\s+/), recipe: rule[2] === undefined ? [] : [rule[2]] });
    }
  }
  const first = rules.flatMap((rule) => rule.targets).find((target) => !target.startsWith('.'));
  const wanted = targets.length > 0 ? targets : [first ?? ''];
  const started = wanted.flatMap((target) => rules.filter((rule) => rule.targets.includes(target)));
  return started.flatMap(({ recipe }) => recipe.map((line) => expanded(line, variables)));
}

/** Variables of variables are as deep as people go. */
function expanded(line: string, variables: ReadonlyMap<string, string>): string {
  const once = (text: string): string =>
    text.replace(/\$[({](\w+)[)}]/g, (whole, name: string) => variables.get(name) ?? (name === 'MAKE' ? 'make' : whole));
  return once(once(once(line)));
}
