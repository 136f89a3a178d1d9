// Where a project keeps its Sequelize migrations and settings, read from .sequelizerc and config/config.json or .js without running them.
import { basename, dirname, join, resolve } from 'node:path';
import { isFile, lookOf } from '../../reading/look';
import { SourceText, type Properties } from '../../reading/object-literals';
import { isAside } from '../../reading/vendored';
import type { ProjectFolder } from '../../tool';

const DEFAULT_TABLE = 'SequelizeMeta';

export interface Place {
  /** Where its commands run. */
  readonly folder: string;
  /** The settings of all environments; null: they are nowhere, or in a file that was not found. */
  readonly config: string | null;
  readonly migrations: string;
  /** Whose change can change this answer. */
  readonly watch: readonly string[];
}

/** null: the project does not use sequelize-cli. */
export function placeOf(project: ProjectFolder): Place | null {
  return lookOf(project).once('sequelize', '', () => {
    const { files } = lookOf(project);
    const own = (name: string): string[] => files.filter((file) => basename(file) === name && !isAside(file.slice(project.root.length)));
    const [rc] = own('.sequelizerc');
    if (rc !== undefined) {
      return placeIn(dirname(rc), rc, project);
    }
    const manifests = own('package.json').filter((file) => /"sequelize(?:-cli)?"\s*:/.test(lookOf(project).text(file) ?? ''));
    const places = manifests.map((file) => placeIn(dirname(file), null, project));
    return places.find(({ config, migrations }) => config !== null && files.some((file) => dirname(file) === migrations)) ?? null;
  });
}

function placeIn(folder: string, rc: string | null, project: ProjectFolder): Place {
  const source = new SourceText(rc === null ? '' : (lookOf(project).text(rc) ?? ''));
  const options = rc === null ? null : source.exported();
  const named = (key: string): string | null => {
    const written = source.string(options?.get(key));
    return written === null ? null : resolve(folder, written);
  };
  // The one with code is preferred, as sequelize-cli does.
  const usual = ['config/config.js', 'config/config.json'].map((name) => join(folder, name)).find(isFile) ?? null;
  const config = options?.has('config') === true ? named('config') : usual;
  const migrations = named('migrations-path') ?? join(folder, 'migrations');
  return { folder, config, migrations, watch: [...(rc === null ? [] : [rc]), ...(config === null ? [] : [config]), migrations] };
}

/** The settings of an environment, or all where the file has no environments. */
export function sectionOf(source: SourceText, environment: string): Properties | null {
  const all = source.exported() ?? source.object(source.text.trim());
  return source.object(all?.get(environment)) ?? (all?.has('dialect') === true ? all : null);
}

/** The table in which it is written down what was applied. */
export function tableOf(project: ProjectFolder): string {
  const config = placeOf(project)?.config ?? null;
  const source = new SourceText(config === null ? '' : (lookOf(project).text(config) ?? ''));
  return source.string(sectionOf(source, 'development')?.get('migrationStorageTableName')) ?? DEFAULT_TABLE;
}

/** What sequelize-cli makes of a URL: the path is always absolute; null: it names no file. */
export function storageOf(url: string): string | null {
  const path = /^sqlite:(?:\/\/[^/]*)?(.+)$/s.exec(url)?.[1];
  return path === undefined || path.startsWith(':memory') ? null : `/${path.replace(/^\//, '')}`;
}
