// Where Laravel keeps its SQLite database: DB_DATABASE of its .env, and without that what config/database.php gives as its default.
import { join, relative } from 'node:path';
import { variablesAt } from '../../reading/env-files';
import { lookOf } from '../../reading/look';
import type { NamedDatabase, SourceAnswer } from '../../reading/named';
import type { ProjectFolder } from '../../tool';
import { laravelFolders, PATH_CALL, pathOf } from './paths';
import { said } from '../../../said';

const USUAL = 'database/database.sqlite';
const DEFAULT = new RegExp(
  String.raw`["']sqlite["']\s*=>\s*\[[^\]]{0,2000}?["']database["']\s*=>\s*env\(\s*["']\w+["']\s*,\s*${PATH_CALL}`,
);

/** DB_DATABASE itself is read with the other variables of the .env file. */
export function databases(project: ProjectFolder): SourceAnswer {
  const otherEngines: string[] = [];
  const named = laravelFolders(project).flatMap((folder): NamedDatabase[] => {
    const variables = variablesAt(project, folder);
    const config = lookOf(project).text(join(folder, 'config/database.php')) ?? '';
    const connection = variables.get('DB_CONNECTION') ?? defaultConnection(config);
    if (connection !== undefined && connection !== 'sqlite') {
      otherEngines.push(`DB_CONNECTION of ${relative(project.root, folder) || 'Laravel'}`);
    }
    if (connection !== 'sqlite' || (variables.get('DB_DATABASE') ?? '') !== '') {
      return [];
    }
    const [, name, path] = DEFAULT.exec(config) ?? [];
    const written = name === undefined ? USUAL : pathOf(name, path);
    const file = relative(project.root, join(folder, name === undefined ? '.env' : 'config/database.php')).replaceAll('\\', '/');
    return [
      {
        from: name === undefined ? `DB_CONNECTION in ${file}` : said`The sqlite connection in ${file}`,
        written,
        places: [join(folder, written)],
        rank: 0 as const,
      },
    ];
  });
  return { named, remarks: otherEngines.map((from) => said`${from} names no SQLite file.`), otherEngines };
}

function defaultConnection(config: string): string | undefined {
  return /['"]default['"]\s*=>\s*env\(\s*['"]DB_CONNECTION['"]\s*,\s*['"](\w+)['"]/.exec(config)?.[1];
}
