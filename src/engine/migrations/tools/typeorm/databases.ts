// Where TypeORM's data sources say that the database is: `new DataSource({ type: "sqlite", database: "app.db" })`, ormconfig.json.
import { basename, dirname, relative, resolve } from 'node:path';
import { MOST_NAMED } from '../../../limits/sizes';
import { variablesAt } from '../../reading/env-files';
import { lookOf } from '../../reading/look';
import type { NamedDatabase, SourceAnswer } from '../../reading/named';
import { SourceText, type Properties } from '../../reading/object-literals';
import { parseSqlitePath } from '../../reading/sqlite-url';
import { isAside } from '../../reading/vendored';
import type { ProjectFolder } from '../../tool';

const FILES = /^(?:ormconfig\.(?:json|[cm]?[jt]s)|.*(?:data-?source|typeorm|database|ormconfig|app\.module).*\.[cm]?[jt]s)$/i;
/** Data sources that one file makes. */
const MOST_SECTIONS = 20;
/** What stands between `forRootAsync(` and the object that its factory gives. */
const FACTORY = String.raw`TypeOrmModule\.forRootAsync\([\s\S]{0,500}?\buseFactory\b[\s\S]{0,300}?(?:=>\s*\(\s*|\breturn\s+)(?=\{)`;
const MADE = new RegExp(String.raw`(?:new DataSource|TypeOrmModule\.forRoot|createConnection)\(\s*(?=[{A-Za-z_$])|${FACTORY}`, 'g');
/** `const options: DataSourceOptions = {`, of which a data source takes one. */
const OPTIONS = /\b(\w+)\s*:\s*(?:DataSource|Connection|Sqlite\w*)Options\s*=\s*(?=\{)/g;
const SQLITE = /^(?:better-)?sqlite3?$/;

export function databases(project: ProjectFolder): SourceAnswer {
  const look = lookOf(project);
  const files = look.files.filter((file) => FILES.test(basename(file)) && /sqlite/i.test(look.text(file) ?? '')).slice(0, MOST_NAMED);
  return { named: files.flatMap((file) => namedBy(file, project)), remarks: [] };
}

function namedBy(file: string, project: ProjectFolder): NamedDatabase[] {
  const folder = dirname(file);
  const path = relative(project.root, file).replaceAll('\\', '/');
  const text = lookOf(project).text(file) ?? '';
  const source = new SourceText(text, variablesAt(project, folder), folder);
  const starts = [...source.text.matchAll(MADE)];
  const isProduction = new Set<Properties | null>();
  const options = [...source.text.matchAll(OPTIONS)].slice(0, MOST_SECTIONS).map(({ index, 0: start, 1: name = '' }) => {
    const section = source.object(source.text.slice(index + start.length));
    if (/prod/i.test(name)) {
      isProduction.add(section);
    }
    return section;
  });
  const sections = starts.slice(0, MOST_SECTIONS).map(({ index, 0: start }) => source.object(source.text.slice(index + start.length)));
  const whole = /^ormconfig/i.test(basename(file)) ? [source.exported() ?? source.object(source.text.trim())] : [];
  const named = [...sections, ...options, ...whole].flatMap((section) =>
    databaseOf(section, source, path, folder, project).map((each) => (isProduction.has(section) ? { ...each, rank: 1 as const } : each)),
  );
  return named.filter(({ written }, index) => named.findIndex((other) => other.written === written) === index);
}

function databaseOf(section: Properties | null, source: SourceText, path: string, folder: string, project: ProjectFolder): NamedDatabase[] {
  const type = source.string(section?.get('type'));
  const database = source.string(section?.get('database'));
  const location = type !== null && SQLITE.test(type) && database !== null ? parseSqlitePath(database) : null;
  if (location?.kind !== 'file') {
    return [];
  }
  // What is relative counts from where the program is started.
  const places = [...new Set([project.root, folder, dirname(folder)].map((base) => resolve(base, location.path)))];
  return [{ from: `database in ${path}`, written: location.path, places, rank: isAside(path) || /test|spec/i.test(path) ? 2 : 0 }];
}
