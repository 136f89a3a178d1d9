// Databases named by the variables of `.env` files and of other environments.
import { basename, dirname } from 'node:path';
import { parseEnv } from '../../limits/env';
import { hostPathOf, type ComposeService } from './compose';
import { shown } from '../paths';
import { filesNamed, readSmallText, type FoundFiles } from './search';
import type { NamedDatabase, SourceAnswer } from './source';
import { isAbsolutePath, placesOf } from './sqlite-url';
import { databaseOfVariable } from './variables';

/** Reads every `.env*` file found. Paths inside containers are looked up in the compose file's volumes. */
export async function namedByEnvFiles(found: FoundFiles, services: readonly ComposeService[], root: string): Promise<SourceAnswer> {
  const named: NamedDatabase[] = [];
  const remarks: string[] = [];
  for (const file of filesNamed(found, /^\.env(\..+)?$/)) {
    for (const [name, value] of Object.entries(parseEnv((await readSmallText(file)) ?? ''))) {
      const from = `${name} in ${shown(file, root)}`;
      const database = databaseOfVariable(name, value);
      if (database?.kind === 'file') {
        const mapped = isAbsolutePath(database.path) ? services.flatMap((service) => hostPathOf(database.path, service) ?? []) : [];
        const places = [...placesOf(database.path, dirname(file), root), ...mapped];
        named.push({ from, written: database.path, places, rank: rankOf(basename(file), name) });
        remarks.push(...(database.encrypted ? [`${from} names an encrypted database (SQLCipher), which is not supported.`] : []));
      } else if (database?.kind === 'other') {
        remarks.push(`${from} names no SQLite file.`);
      }
    }
  }
  return { named, remarks };
}

function rankOf(file: string, variable: string): 0 | 1 | 2 {
  if (/test/i.test(file) || /(^|_)TEST_/.test(variable)) {
    return 2;
  }
  return /example|sample|template|dist/i.test(file) ? 1 : 0;
}
