// Where Strapi keeps its database: connection.filename of config/database.js or .ts (https://docs.strapi.io/cms/configurations/database).
import { basename, dirname, join, relative, resolve } from 'node:path';
import { variablesAt } from '../../reading/env-files';
import { lookOf } from '../../reading/look';
import type { SourceAnswer } from '../../reading/named';
import { SourceText } from '../../reading/object-literals';
import type { ProjectFolder } from '../../tool';
import { said } from '../../../said';

const NONE: SourceAnswer = { named: [], remarks: [] };

export function databases(project: ProjectFolder): SourceAnswer {
  const look = lookOf(project);
  const configs = look.files.filter(
    (file) =>
      /^database\.[cm]?[jt]s$/.test(basename(file)) && basename(dirname(file)) === 'config' && isStrapi(dirname(dirname(file)), project),
  );
  const answers = configs.map((config) => answerOf(config, project));
  const otherEngines = answers.flatMap((answer) => answer.otherEngines ?? []);
  return {
    named: answers.flatMap(({ named }) => named),
    remarks: answers.flatMap(({ remarks }) => remarks),
    ...(otherEngines.length === 0 ? {} : { otherEngines }),
  };
}

function answerOf(config: string, project: ProjectFolder): SourceAnswer {
  const look = lookOf(project);
  const folder = dirname(dirname(config));
  const source = new SourceText(look.text(config) ?? '', variablesAt(project, folder));
  const from = `filename in ${relative(project.root, config).replaceAll('\\', '/')}`;
  const client = source.string(/\bclient\s*[=:]\s*(env\([^()]{0,200}\)|["'`]\w+["'`])/.exec(source.text)?.[1]);
  if (client !== null && !/sqlite/i.test(client)) {
    return { ...NONE, remarks: [said`${from} is of no use: the client is ${client}.`], otherEngines: [from] };
  }
  const connection = source.firstObjectAfter('connection');
  const sections = [
    source.object(source.firstObjectAfter('sqlite')?.get('connection')),
    connection,
    source.object(connection?.get('connection')),
  ];
  const filename = sections.find((section) => section?.has('filename') === true)?.get('filename');
  const written = source.string(filename);
  if (filename === undefined || written === null || written === '' || written === ':memory:') {
    return NONE;
  }
  // TypeScript runs from dist/config. A path without `__dirname` counts from where Strapi is started.
  const base = /__dirname/.test(filename) ? (config.endsWith('ts') ? join(folder, 'dist/config') : dirname(config)) : folder;
  return { named: [{ from, written, places: [resolve(base, written)], rank: 0 }], remarks: [] };
}

function isStrapi(folder: string, project: ProjectFolder): boolean {
  return /"(?:@strapi\/)?strapi"\s*:/.test(lookOf(project).text(join(folder, 'package.json')) ?? '');
}
