// Databases named by `sqlalchemy.url` in alembic.ini files.
import { dirname } from 'node:path';
import { shown } from '../paths';
import { filesNamed, readSmallText, type FoundFiles } from './search';
import type { NamedDatabase, SourceAnswer } from './source';
import { parseSqliteUrl, placesOf } from './sqlite-url';

/** Reads every alembic.ini found; placeholders and other engines are remarked, not used. */
export async function namedByAlembicIni(found: FoundFiles, root: string): Promise<SourceAnswer> {
  const named: NamedDatabase[] = [];
  const remarks: string[] = [];
  for (const file of filesNamed(found, /^alembic\.ini$/)) {
    const from = shown(file, root);
    const text = (await readSmallText(file)) ?? '';
    for (const url of urlsOf(text)) {
      const value = parseSqliteUrl(url.replaceAll('%(here)s', dirname(file)).replaceAll('%%', '%'));
      if (value.kind === 'file') {
        named.push({ from, written: value.path, places: placesOf(value.path, dirname(file), root), rank: 0 });
        remarks.push(...(value.encrypted ? [`${from} names an encrypted database (SQLCipher), which is not supported.`] : []));
      } else if (value.kind === 'other') {
        remarks.push(`${from} names no SQLite file.`);
      }
    }
  }
  return { named, remarks };
}

/** The values of sqlalchemy.url in all sections: a multi-database ini has one in each. */
function urlsOf(text: string): string[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const name = /^sqlalchemy\.url\s*[=:]/i.exec(line)?.[0];
    const value = name === undefined ? '' : line.slice(name.length).trim();
    const comment = value.search(/\s[;#]/);
    const url = (comment < 0 ? value : value.slice(0, comment)).trim();
    return url === '' ? [] : [url];
  });
}
