// Databases named by string literals in Alembic's env.py and in the usual settings modules of Python apps.
import { dirname } from 'node:path';
import { shown } from '../paths';
import { filesNamed, readSmallText, type FoundFiles } from './search';
import type { NamedDatabase, SourceAnswer } from './source';
import { parseSqliteUrl, placesOf } from './sqlite-url';

const PYTHON_FILES = /^(env|config|settings|database|db|session|models|main|app)\.py$/;
const LITERAL = /(["'])(sqlite(?:\+\w+)?:\/\/\/[^"'\s]+)\1/g;

/** Reads literals only: what a program computes is not guessed. env.py speaks before other modules. */
export async function namedByPythonLiterals(found: FoundFiles, root: string): Promise<SourceAnswer> {
  const named: NamedDatabase[] = [];
  for (const file of filesNamed(found, PYTHON_FILES)) {
    const text = (await readSmallText(file)) ?? '';
    for (const [, , url = ''] of text.matchAll(LITERAL)) {
      const value = parseSqliteUrl(url);
      if (value.kind === 'file') {
        const rank = file.endsWith('env.py') ? 0 : isTest(shown(file, root)) ? 2 : 1;
        named.push({ from: shown(file, root), written: value.path, places: placesOf(value.path, dirname(file), root), rank });
      }
    }
  }
  return { named, remarks: [] };
}

function isTest(path: string): boolean {
  return /(^|\/)tests?(\/|_)/.test(path);
}
