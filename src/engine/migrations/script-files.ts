// The Makefiles and package.json files in which the scripts of a command line are looked up.
import { join, resolve } from 'node:path';
import type { ScriptSources } from './command-scripts';
import { textOf } from './folder-search';

/** Of the folder in which the command runs. */
export function scriptFilesIn(root: string): ScriptSources {
  const first = (folder: string, ...names: readonly string[]): string | null =>
    names.map((name) => textOf(join(resolve(root, folder), name))).find((text) => text !== null) ?? null;
  return {
    readMakefile: (folder) => first(folder, 'GNUmakefile', 'makefile', 'Makefile'),
    packageScripts: (folder) => scriptsIn(first(folder, 'package.json')),
  };
}

function scriptsIn(text: string | null): Readonly<Record<string, string>> | null {
  if (text === null) {
    return null;
  }
  try {
    const content: unknown = JSON.parse(text);
    const scripts = typeof content === 'object' && content !== null && 'scripts' in content ? content.scripts : null;
    const entries = Object.entries(typeof scripts === 'object' && scripts !== null ? scripts : {});
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return null;
  }
}
