// A project with migrations of any tool on the real disk, and what its schema state says.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SchemaState } from '../../src/engine/migrations/schema';
import { readSchemaState } from '../../src/engine/migrations/state/state';
import type { ProjectFolder } from '../../src/engine/migrations/tool';
import { newFolder } from './folder';
import { execute } from './sqlite';

export interface MigrationsProject {
  readonly root: string;
  readonly database: string;
  /** A new object, so that everything is read again. */
  folder(): ProjectFolder;
  /** Writes a file and gives its path. */
  write(path: string, content: string): string;
  /** Runs statements on its database, which is made by the first. */
  sql(statements: string): void;
  remove(): void;
}

/** An empty folder; its database `app.db` is not there yet. */
export function emptyProject(): MigrationsProject {
  const { path: root, remove } = newFolder('migrations');
  const database = join(root, 'app.db');
  return {
    root,
    database,
    folder: () => ({ root, database }),
    write: (path, content) => {
      const file = join(root, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    },
    sql: (statements) => {
      execute(database, statements);
    },
    remove,
  };
}

export interface SchemaQuestions {
  readonly state: () => SchemaState;
  /** The revisions that are pending, in their order. */
  readonly pending: () => string[];
  /** What it has to say, a line each. */
  readonly messages: () => string;
}

/** Questions about a project; everything is read again for each. */
export function schemaOf(project: MigrationsProject): SchemaQuestions {
  const state = (): SchemaState => readSchemaState(project.folder());
  return {
    state,
    pending: () => state().pending.map(({ revision }) => revision),
    messages: () =>
      state()
        .problems.map(({ message }) => message)
        .join('\n'),
  };
}
