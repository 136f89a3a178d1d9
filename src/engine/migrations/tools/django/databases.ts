// Where Django's DATABASES say that the databases are.
import { dirname, isAbsolute, relative } from 'node:path';
import type { NamedDatabase, NotUnderstood, SourceAnswer } from '../../reading/named';
import { Unknown, type Value } from '../../reading/python/values';
import { parseSqlitePath, placesOf } from '../../reading/sqlite-url';
import { isAside } from '../../reading/vendored';
import type { ProjectFolder } from '../../tool';
import { manageOf, settingIn } from './settings';
import { said } from '../../../said';

/** "default" is the application's; the others stand beside it. */
export function databases(project: ProjectFolder): SourceAnswer {
  const manage = manageOf(project);
  const named: NamedDatabase[] = [];
  const notUnderstood: NotUnderstood[] = [];
  const otherEngines: string[] = [];
  if (manage === null) {
    return { named, remarks: [] };
  }
  // What is relative counts from where manage.py is started.
  const base = dirname(manage);
  const seen = settingIn('DATABASES', manage, project);
  for (const [index, { value, module }] of seen.entries()) {
    const path = relative(project.root, module.file).replaceAll('\\', '/');
    const isMain = index === 0 && !isAside(path) && !/test/i.test(path);
    for (const [alias, entry] of value instanceof Map ? (value as ReadonlyMap<string, Value>) : []) {
      const from = `DATABASES["${alias}"] in ${path}`;
      const rank = /test/i.test(path) || /test/i.test(alias) ? 2 : alias !== 'default' ? 3 : isMain ? 0 : 1;
      const settings = entry instanceof Map ? (entry as ReadonlyMap<string, Value>) : new Map<string, Value>();
      const engine = settings.get('ENGINE');
      const name = settings.get('NAME');
      if (typeof engine === 'string' && !/sqlite|spatialite/i.test(engine)) {
        otherEngines.push(...(rank === 0 ? [from] : []));
      } else if (typeof name === 'string' && name !== '' && !name.startsWith(':memory:')) {
        const location = parseSqlitePath(name);
        const written = location.kind === 'file' ? location.path : name;
        named.push({ from, written, places: isAbsolute(written) ? [written] : placesOf(written, base, project.root), rank });
      } else if (name instanceof Unknown && rank === 0 && (typeof engine === 'string' || name.tail !== '')) {
        notUnderstood.push({ from, written: name.tail === '' ? 'a path that the code computes' : `...${name.tail}`, tail: name.tail });
      }
    }
    if (value instanceof Unknown && isMain) {
      notUnderstood.push({ from: `DATABASES in ${path}`, written: 'a value that the code computes', tail: '' });
    }
  }
  const remarks = otherEngines.map((from) => said`${from} names no SQLite file.`);
  return { named, remarks, notUnderstood, otherEngines };
}
