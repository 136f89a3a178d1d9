// A new folder for each test of discovery, and what is put into it.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { newFolder } from './folder';
import { execute } from './sqlite';
import { newForEachTest } from './stand-in';

export interface SearchedFolder {
  /** Its real path; another one in each test. */
  readonly root: string;
  /** Writes a file and gives its path. */
  readonly write: (path: string, text?: string) => Promise<string>;
  /** Makes a SQLite database and gives its path. */
  readonly database: (path: string, sql?: string) => Promise<string>;
  /** Makes a folder and gives its path. */
  readonly folder: (path: string) => Promise<string>;
}

/** Call it in a `describe`: the folder is made before each test and removed after it. */
export function searchedFolder(): SearchedFolder {
  const made = newForEachTest(() => newFolder('discover'));
  const at = async (path: string): Promise<string> => {
    await mkdir(dirname(made.at(path)), { recursive: true });
    return made.at(path);
  };
  return {
    get root() {
      return made.path;
    },
    write: async (path, text = '') => {
      const file = await at(path);
      await writeFile(file, text);
      return file;
    },
    database: async (path, sql = 'CREATE TABLE t(x)') => {
      const file = await at(path);
      execute(file, sql);
      return file;
    },
    folder: async (path) => {
      await mkdir(made.at(path), { recursive: true });
      return made.at(path);
    },
  };
}
