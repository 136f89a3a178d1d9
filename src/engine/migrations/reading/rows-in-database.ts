// What the project's database itself says, where files alone leave a choice open.
import { existsSync } from 'node:fs';
import type { Connection } from '../../sqlite/connection';
import { visitDatabase } from '../../sqlite/visit';
import type { ProjectFolder } from '../tool';
import { lookOf } from './look';

/** The answer of one question to the database, asked once for a look; `otherwise` without a database that can be read. */
export function askDatabase<T>(project: ProjectFolder, question: string, otherwise: T, ask: (db: Connection) => T): T {
  return lookOf(project).once(`asked for ${question}`, project.database ?? '', () => asked(project.database, otherwise, ask));
}

function asked<T>(database: string | null, otherwise: T, ask: (db: Connection) => T): T {
  try {
    return database === null || !existsSync(database) ? otherwise : visitDatabase(database, ask);
  } catch {
    // Whoever needs the database for more than a choice says what is wrong with it.
    return otherwise;
  }
}
