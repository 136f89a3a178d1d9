// Variables that a project's programs load from `.env` files themselves, and whether they do.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'dotenv';
import { parseEnvFile } from '../../../compose/env-file';
import { ComposeRefusal } from '../../../compose/interpolation';
import { textOf } from '../../reading/folder-search';
import { sectionOfSettings } from '../../reading/env-files';
import { unknownReach, type Place, type Reach } from './place';

/** The place with the files' variables; what is set there wins. The first file that has a name counts. */
export function withEnvFiles(place: Place, files: readonly string[]): Place {
  const values = new Map<string, string>();
  for (const file of files) {
    for (const [name, value] of Object.entries(variablesIn(file))) {
      if (!values.has(name)) {
        values.set(name, value);
      }
    }
  }
  return { ...place, variable: (name) => place.variable(name) ?? values.get(name) };
}

function variablesIn(file: string): Record<string, string> {
  const whole = textOf(file) ?? '';
  const text = file.endsWith('.ini') ? sectionOfSettings(whole) : whole;
  try {
    return Object.fromEntries(parseEnvFile(text, () => undefined));
  } catch (error) {
    // Other programs take lines that Compose refuses.
    if (error instanceof ComposeRefusal) {
      return parse(text);
    }
    throw error;
  }
}

/** The nearest file of that name in a folder and those above it, down to `root`; null: none. */
export function nearest(name: string, folder: string, root: string): string | null {
  for (let place = folder; ; place = dirname(place)) {
    if (existsSync(join(place, name))) {
      return join(place, name);
    }
    if (place === root || place === dirname(place)) {
      return null;
    }
  }
}

/** What programs in a folder load by themselves: the nearest `.env`, and before it the settings.ini of python-decouple. */
export function envFilesAt(folder: string, root: string): string[] {
  return ['settings.ini', '.env'].flatMap((name) => nearest(name, folder, root) ?? []);
}

/**
 * The same where code reads files that it names: these count first where they are loaded, and then the others, which the code may
 * or may not load as well, must make no difference.
 */
export function inNamedWorlds(
  place: Place,
  { named, usual }: { readonly named: readonly string[]; readonly usual: readonly string[] },
  loads: boolean | null,
  ask: (place: Place) => Reach,
): Reach {
  return named.length === 0
    ? inBothWorlds(place, usual, loads, ask)
    : loads === true
      ? inBothWorlds(withEnvFiles(place, named), usual, null, ask)
      : inBothWorlds(place, [...named, ...usual], loads, ask);
}

/** The same answer with and without `.env`, or none: `loads` says whether it is loaded, null that nobody knows. */
export function inBothWorlds(place: Place, files: readonly string[], loads: boolean | null, ask: (place: Place) => Reach): Reach {
  const loaded = ask(withEnvFiles(place, files));
  if (loads === true || files.length === 0) {
    return loaded;
  }
  const plain = ask(place);
  return loads === false || JSON.stringify(plain) === JSON.stringify(loaded)
    ? plain
    : unknownReach('it depends on a .env file, and nothing here shows that the command loads it');
}
