// The scripts in Makefiles, justfiles, Taskfiles, package.json, Pipfile and pyproject.toml: a name and its command lines.
import { parse as parseToml } from 'smol-toml';
import { parseYaml } from '../../limits/yaml';
import type { Recipes } from './command-scripts';

/** What a line of a recipe is cut at: variables may name one another without end. */
const LONGEST_LINE = 4096;
const MOST_LINES = 5000;
const MOST_NAMES = 50;

/** The first lines, those that go on after a backslash as one. */
function linesIn(text: string): string[] {
  return text
    .replace(/[ \t]?\\\r?\n[ \t]*/g, ' ')
    .split(/\r?\n/, MOST_LINES)
    .map((line) => line.slice(0, LONGEST_LINE));
}

/** Targets with their prerequisites as `make x` lines before the recipe. */
export function makefileRecipes(text: string): Recipes {
  const variables = new Map<string, string>();
  const rules: { readonly targets: readonly string[]; readonly lines: string[] }[] = [];
  for (const line of linesIn(text)) {
    const variable = /^(?:export\s+)?(\w+)\s*[:?]?:?=(.*)$/.exec(line);
    const rule = /^([^\s#:=][^#:=]*)::?(?!=)([^;#]*)(?:;\s*(\S.*))?/.exec(line);
    if (line.startsWith('\t')) {
      rules.at(-1)?.lines.push(withoutMarks(line));
    } else if (variable !== null) {
      variables.set(variable[1] ?? '', (variable[2] ?? '').trim());
    } else if (rule !== null) {
      const lines = [...namesIn(rule[2]).map((name) => `make ${name}`), ...(rule[3] === undefined ? [] : [rule[3]])];
      rules.push({ targets: namesIn(rule[1]), lines });
    }
  }
  const first = rules.flatMap(({ targets }) => targets).find((target) => !target.startsWith('.')) ?? '';
  const entries = rules.flatMap(({ targets, lines }) => targets.map((target) => [target, lines] as const));
  return { first, byName: collected(entries, (line) => expanded(line, variables)) };
}

/** Recipes with what they depend on as `just x` lines before and after. */
export function justRecipes(text: string): Recipes {
  const variables = new Map<string, string>();
  const entries: (readonly [string, string[]])[] = [];
  for (const line of linesIn(text)) {
    const variable = /^(?:export\s+)?([\w-]+)\s*:=(.*)$/.exec(line);
    const recipe = /^@?([\w-]+)(?:\s[^:]*)?:(?!=)([^#]*)/.exec(line);
    if (/^\s+\S/.test(line)) {
      entries.at(-1)?.[1].push(withoutMarks(line));
    } else if (variable !== null) {
      variables.set(variable[1] ?? '', (variable[2] ?? '').trim().replace(/^["']|["']$/g, ''));
    } else if (recipe !== null) {
      const names = (recipe[2] ?? '').replace(/\(\s*([\w-]+)[^)]*\)/g, '$1').split(/[\s&]+/);
      entries.push([
        recipe[1] ?? '',
        names
          .filter((name) => name !== '')
          .slice(0, MOST_NAMES)
          .map((name) => `just ${name}`),
      ]);
    }
  }
  const fill = (line: string): string => line.replace(/\{\{\s*([\w-]+)\s*\}\}/g, (whole, name: string) => variables.get(name) ?? whole);
  return { first: entries[0]?.[0] ?? '', byName: collected(entries, fill) };
}

/** Tasks of https://taskfile.dev with what they depend on as `task x` lines. */
export function taskRecipes(text: string): Recipes {
  const tasks = objectOf(objectOf(parsed(parseYaml, text))['tasks']);
  const entries = Object.entries(tasks).map(([name, task]) => {
    const { deps, cmds, cmd } = Array.isArray(task) || typeof task === 'string' ? { deps: [], cmds: task, cmd: undefined } : objectOf(task);
    return [name, [...listOf(deps).flatMap(taskNamed), ...[...listOf(cmds), ...listOf(cmd)].flatMap(commandOf)]] as const;
  });
  return { first: 'default', byName: new Map(entries) };
}

function taskNamed(dependency: unknown): string[] {
  const name = typeof dependency === 'string' ? dependency : objectOf(dependency)['task'];
  return typeof name === 'string' ? [`task ${name}`] : [];
}

function commandOf(command: unknown): string[] {
  const { cmd, task } = objectOf(command);
  return typeof command === 'string' ? [command] : typeof cmd === 'string' ? [cmd] : taskNamed({ task });
}

/** The scripts of a package.json. */
export function packageRecipes(text: string): Recipes {
  return { first: '', byName: scriptsOf(objectOf(parsed(JSON.parse, text))['scripts']) };
}

/** The scripts of a Pipfile, or those for PDM and Poe the Poet in a pyproject.toml. */
export function pythonRecipes(text: string): Recipes {
  const content = objectOf(parsed(parseToml, text));
  const tool = objectOf(content['tool']);
  const sections = [content['scripts'], objectOf(tool['pdm'])['scripts'], objectOf(tool['poe'])['tasks']];
  return { first: '', byName: new Map(sections.flatMap((section) => [...scriptsOf(section)])) };
}

function scriptsOf(section: unknown): Map<string, readonly string[]> {
  const lines = (script: unknown): string[] => {
    const { cmd, shell, sequence } = objectOf(script);
    return typeof script === 'string' ? [script] : [...listOf(cmd), ...listOf(shell), ...listOf(sequence)].flatMap(commandOf);
  };
  return new Map(Object.entries(objectOf(section)).map(([name, script]) => [name, lines(script)]));
}

function collected(
  entries: readonly (readonly [string, readonly string[]])[],
  fill: (line: string) => string,
): Map<string, readonly string[]> {
  const byName = new Map<string, string[]>();
  let left = MOST_LINES;
  for (const [name, lines] of entries) {
    const all = byName.get(name) ?? [];
    all.push(...lines.slice(0, left).map(fill));
    left -= Math.min(left, lines.length);
    byName.set(name, all);
  }
  return byName;
}

/** Variables of variables are as deep as people go. */
function expanded(line: string, variables: ReadonlyMap<string, string>): string {
  const once = (text: string): string =>
    text
      .slice(0, LONGEST_LINE)
      .replace(/\$[({](\w+)[)}]/g, (whole, name: string) => variables.get(name) ?? (name === 'MAKE' ? 'make' : whole));
  return once(once(once(line)));
}

function withoutMarks(line: string): string {
  return line.trim().replace(/^[@+-]+\s*/, '');
}

function namesIn(text = ''): string[] {
  return text
    .split(/[\s|]+/)
    .filter((name) => name !== '')
    .slice(0, MOST_NAMES);
}

/** A file that is being written may be broken: then it has no scripts yet. */
function parsed(parse: (text: string) => unknown, text: string): unknown {
  try {
    return parse(text);
  } catch {
    return null;
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : value === undefined ? [] : [value];
}
