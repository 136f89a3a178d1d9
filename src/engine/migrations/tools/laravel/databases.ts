// Where Laravel keeps its SQLite database: DB_DATABASE of its .env, and without that database/database.sqlite.
import { basename, dirname, join, relative } from 'node:path';
import { variablesAt } from '../../reading/env-files';
import { lookOf } from '../../reading/look';
import type { SourceAnswer } from '../../reading/named';
import type { ProjectFolder } from '../../tool';

export function laravelFolders(project: ProjectFolder): readonly string[] {
  return lookOf(project)
    .files.filter((file) => basename(file) === 'artisan')
    .map((file) => dirname(file));
}

/** DB_DATABASE itself is read with the other variables of the .env file. */
export function databases(project: ProjectFolder): SourceAnswer {
  const named = laravelFolders(project).flatMap((folder) => {
    const variables = variablesAt(project, folder);
    const connection = variables.get('DB_CONNECTION') ?? defaultConnection(join(folder, 'config/database.php'), project);
    const path = relative(project.root, join(folder, '.env')).replaceAll('\\', '/');
    return connection === 'sqlite' && (variables.get('DB_DATABASE') ?? '') === ''
      ? [
          {
            from: `DB_CONNECTION in ${path}`,
            written: 'database/database.sqlite',
            places: [join(folder, 'database/database.sqlite')],
            rank: 0 as const,
          },
        ]
      : [];
  });
  return { named, remarks: [] };
}

function defaultConnection(file: string, project: ProjectFolder): string | undefined {
  return /['"]default['"]\s*=>\s*env\(\s*['"]DB_CONNECTION['"]\s*,\s*['"](\w+)['"]/.exec(lookOf(project).text(file) ?? '')?.[1];
}
