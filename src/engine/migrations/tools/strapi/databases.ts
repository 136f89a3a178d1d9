// Where Strapi keeps its SQLite database: DATABASE_FILENAME, and without that what config/database.* gives as its default.
import { basename, dirname, join, relative, resolve } from 'node:path';
import { withoutComments } from '../../../limits/code';
import { variablesAt } from '../../reading/env-files';
import { lookOf } from '../../reading/look';
import type { NamedDatabase, SourceAnswer } from '../../reading/named';
import type { ProjectFolder } from '../../tool';

const CONFIG = /^database\.[cm]?[jt]s$/;

export function databases(project: ProjectFolder): SourceAnswer {
  const look = lookOf(project);
  const apps = look.files
    .filter((file) => basename(file) === 'package.json' && /"@?strapi(?:\/strapi)?"\s*:/.test(look.text(file) ?? ''))
    .map((file) => dirname(file));
  const configs = apps.flatMap((app) => look.filesIn(join(app, 'config')).filter((file) => CONFIG.test(basename(file))));
  return { named: configs.flatMap((config) => namedBy(config, project)), remarks: [] };
}

/** Whatever the configuration makes of it, a relative name counts from the application's folder. */
function namedBy(config: string, project: ProjectFolder): NamedDatabase[] {
  const app = dirname(dirname(config));
  const text = withoutComments(lookOf(project).text(config) ?? '');
  const variables = variablesAt(project, app);
  const client = variables.get('DATABASE_CLIENT') ?? defaultOf('DATABASE_CLIENT', text) ?? /\bclient\s*:\s*["'](\w+)["']/.exec(text)?.[1];
  const written = variables.get('DATABASE_FILENAME') ?? defaultOf('DATABASE_FILENAME', text);
  return written === undefined || (client !== undefined && !/sqlite/i.test(client))
    ? []
    : [
        {
          from: `DATABASE_FILENAME in ${relative(project.root, config).replaceAll('\\', '/')}`,
          written,
          places: [resolve(app, written)],
          rank: 0,
        },
      ];
}

function defaultOf(name: string, text: string): string | undefined {
  return new RegExp(`\\benv\\(\\s*["']${name}["']\\s*,\\s*["']([^"']{1,500})["']`).exec(text)?.[1];
}
