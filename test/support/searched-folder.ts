// A new folder for each test of discovery, and what is put into it.
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';

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
  let root = '';
  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'pats-discover-')));
  });
  afterEach(async () => {
    await rm(root, { recursive: true, force: true });
  });
  const at = async (path: string): Promise<string> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    return join(root, path);
  };
  return {
    get root() {
      return root;
    },
    write: async (path, text = '') => {
      const file = await at(path);
      await writeFile(file, text);
      return file;
    },
    database: async (path, sql = 'CREATE TABLE t(x)') => {
      const file = await at(path);
      const db = new Database(file);
      db.exec(sql);
      db.close();
      return file;
    },
    folder: async (path) => {
      await mkdir(join(root, path), { recursive: true });
      return join(root, path);
    },
  };
}
