// The files in which the scripts of a command line are looked up.
import { join, resolve } from 'node:path';
import { resolveScript, type Recipes, type Runner, type ScriptSources } from './command-scripts';
import { textOf } from '../reading/folder-search';
import { justRecipes, makefileRecipes, packageRecipes, pythonRecipes, taskRecipes } from './recipes';

const FILES: Readonly<Record<Runner, readonly [names: readonly string[], read: (text: string) => Recipes]>> = {
  make: [['GNUmakefile', 'makefile', 'Makefile'], makefileRecipes],
  just: [['justfile', 'Justfile', '.justfile'], justRecipes],
  task: [['Taskfile.yml', 'taskfile.yml', 'Taskfile.yaml', 'taskfile.yaml', 'Taskfile.dist.yml'], taskRecipes],
  node: [['package.json'], packageRecipes],
  python: [['Pipfile', 'pyproject.toml'], pythonRecipes],
};

const MOST_LINES = 5000;
const LONGEST_LINE = 4096;

/** What a command line runs in the end, when it runs a script of the folder; empty: it runs none. */
export function linesOfScript(commandLine: string, folder: string): readonly string[] {
  return resolveScript(commandLine, scriptFilesIn(folder));
}

/** Of the folder in which the command runs. */
export function scriptFilesIn(root: string): ScriptSources {
  return {
    recipes: (runner, folder) => {
      const [names, read] = FILES[runner];
      const texts = names.flatMap((name) => textOf(join(resolve(root, folder), name)) ?? []);
      return texts[0] === undefined ? null : read(texts[0]);
    },
    shellScript: (file) =>
      (textOf(resolve(root, file)) ?? '')
        .replace(/\\\r?\n[ \t]*/g, ' ')
        .split(/\r?\n/, MOST_LINES)
        .map((line) => line.slice(0, LONGEST_LINE).trim())
        .filter((line) => line !== '' && !line.startsWith('#')),
  };
}
