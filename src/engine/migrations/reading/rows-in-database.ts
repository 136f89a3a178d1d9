// What the project's database itself says, where files alone leave a choice open.
import { existsSync } from 'node:fs';
import type { Connection } from '../../sqlite/connection';
import { visitDatabase } from '../../sqlite/visit';
import type { ProjectFolder } from '../tool';

const answers = new WeakMap<ProjectFolder, Map<string, unknown>>();

/** The answer of one question to the database, asked once for this object; `otherwise` without a database that can be read. */
export function askDatabase<T>(project: ProjectFolder, question: string, otherwise: T, ask: (db: Connection) => T): T {
  const known = answers.get(project) ?? new Map<string, unknown>();
  answers.set(project, known);
  if (!known.has(question)) {
    known.set(question, asked(project.database, otherwise, ask));
  }
  return known.get(question) as T;
}

function asked<T>(database: string | null, otherwise: T, ask: (db: Connection) => T): T {
  try {
    return database === null || !existsSync(database) ? otherwise : visitDatabase(database, ask);
  } catch {
    // Whoever needs the database for more than a choice says what is wrong with it.
    return otherwise;
  }
}
