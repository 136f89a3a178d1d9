// Databases named by the variables of `.env` files and of other environments.
import { basename, dirname } from 'node:path';
import { MOST_NAMED } from '../../limits/sizes';
import { envFilesOf, variablesAt } from '../../migrations/reading/env-files';
import { isFile } from '../../migrations/reading/look';
import type { NamedDatabase, NotUnderstood, SourceAnswer } from '../../migrations/reading/named';
import { isAbsolutePath, placesOf, tailOf } from '../../migrations/reading/sqlite-url';
import { isAside } from '../../migrations/reading/vendored';
import { databaseOfVariable, rankOfVariable } from '../../migrations/reading/variables';
import type { ProjectFolder } from '../../migrations/tool';
import { withParameters } from '../../migrations/tools/symfony/parameters';
import { hostPathOf, type ComposeService } from './compose';
import { shown } from '../paths';
import { said } from '../../said';

/** Reads every `.env*` file found. Paths inside containers are looked up in the compose file's volumes. */
export function namedByEnvFiles(project: ProjectFolder, services: readonly ComposeService[]): SourceAnswer {
  const { root } = project;
  const named: NamedDatabase[] = [];
  const remarks: string[] = [];
  const notUnderstood: NotUnderstood[] = [];
  const otherEngines: string[] = [];
  for (const { file, rank: ofFile, variables } of envFilesOf(project)) {
    const connection = variables.get('DB_CONNECTION')?.value ?? variables.get('DATABASE_CLIENT')?.value ?? 'sqlite';
    for (const [name, { value: raw, missing }] of variables) {
      const value = withParameters(raw, dirname(file), variablesAt(project, dirname(file)));
      const from = `${name} in ${shown(file, root)}`;
      const rank = isAside(shown(file, root)) ? 2 : (Math.max(ofFile, rankOfVariable(name)) as NamedDatabase['rank']);
      const isOfOtherEngine = /^(?:DB_DATABASE|DB_NAME|DATABASE_NAME|DATABASE_FILENAME)$/.test(name) && !/sqlite/i.test(connection);
      const database = isOfOtherEngine ? null : databaseOfVariable(name, value);
      if (named.length >= MOST_NAMED) {
        break;
      }
      if (database?.kind === 'file') {
        const mapped = isAbsolutePath(database.path) ? services.flatMap((service) => hostPathOf(database.path, service) ?? []) : [];
        const places = [...placesOf(database.path, dirname(file), root), ...mapped];
        if ((missing.length > 0 || database.isTemplate) && !places.some(isFile)) {
          notUnderstood.push(...(rank === 0 ? [{ from, written: value, tail: tailOf(database.path) }] : []));
          continue;
        }
        named.push({ from, written: database.path, places, rank });
        remarks.push(...(database.encrypted ? [said`${from} names an encrypted database (SQLCipher), which is not supported.`] : []));
      } else if (database?.kind === 'other') {
        remarks.push(said`${from} names no SQLite file.`);
        if (missing.length > 0 && rank === 0 && /^\$/.test(value)) {
          notUnderstood.push({ from, written: value, tail: '' });
        } else if (rank === 0 && basename(file) === '.env') {
          otherEngines.push(from);
        }
      }
    }
  }
  return { named, remarks, notUnderstood, otherEngines };
}
