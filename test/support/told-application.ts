// An application in a container that tells what it has committed, and names for whole states of its data: nothing of it goes unseen.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';

/** Where its volumes are on this machine. */
export type ToldVolumes = Readonly<Record<'data' | 'uploads' | 'told', string>>;

/** Fifty commits a second, each with a token that nobody has twice; an upload with every twenty-fifth; told once they are there. */
export const WRITER = `import os, signal, sqlite3, sys, time, uuid
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
os.makedirs("/app/uploads", exist_ok=True)
db = sqlite3.connect("/app/data/pats.db", timeout=30, isolation_level=None)
db.execute("PRAGMA journal_mode = WAL")
db.execute("CREATE TABLE IF NOT EXISTS written (token TEXT)")
db.execute("CREATE TABLE IF NOT EXISTS epoch (name TEXT)")
told = open("/app/told/told", "a")
n = 0
while True:
    n += 1
    token = uuid.uuid4().hex
    if n % 25 == 0:
        with open("/app/uploads/%s.txt" % token, "w") as file:
            file.write(token)
    db.execute("INSERT INTO written VALUES (?)", (token,))
    told.write(token + ("+" if n % 25 == 0 else "") + "\\n")
    told.flush()
    time.sleep(1 / 50)
`;

interface ToldApplication {
  /** One line for each commit, with a plus where it has an upload. */
  readonly told: () => string[];
  /** Returns when it has committed some more. */
  readonly running: () => Promise<void>;
  readonly epoch: (name: string) => void;
  readonly tidy: () => void;
}

/** `good`: the uploads of the backup that is restored. */
export function toldApplication(of: () => { readonly volumes: ToldVolumes; readonly good: string }): ToldApplication {
  const told = (): string[] => readFileSync(join(of().volumes.told, 'told'), 'utf8').split('\n').slice(0, -1);
  const running = async (): Promise<void> => {
    const seen = existsSync(join(of().volumes.told, 'told')) ? told().length : 0;
    for (let attempt = 0; attempt < 150; attempt++) {
      if (existsSync(join(of().volumes.told, 'told')) && told().length > seen + 3) {
        return;
      }
      await sleep(100);
    }
    throw new Error('The application does not write.');
  };
  /** One name for the state of the database and of the uploads: a row, a file that is replaced, one that is only then there. */
  const epoch = (name: string): void => {
    const db = new Database(join(of().volumes.data, 'pats.db'), { timeout: 20_000 });
    db.exec(`BEGIN IMMEDIATE; DELETE FROM epoch; INSERT INTO epoch VALUES ('${name}'); COMMIT`);
    db.close();
    for (const file of readdirSync(of().volumes.uploads).filter((each) => each.startsWith('only-'))) {
      rmSync(join(of().volumes.uploads, file));
    }
    writeFileSync(join(of().volumes.uploads, `only-${name}.txt`), name);
    writeFileSync(join(of().volumes.uploads, 'epoch.txt'), name);
  };
  /** Each round has about the same to replace: uploads that were told go, but those of the backup. */
  const tidy = (): void => {
    const good = new Set(readdirSync(of().good));
    for (const token of told().map((line) => line.replace('+', '.txt'))) {
      if (!good.has(token)) {
        rmSync(join(of().volumes.uploads, token), { force: true });
      }
    }
  };
  return { told, running, epoch, tidy };
}

export function rowsIn(file: string): { readonly epoch: string; readonly tokens: ReadonlySet<string> } {
  const db = new Database(file, { readonly: true, timeout: 20_000 });
  try {
    assert.equal(db.pragma('integrity_check', { simple: true }), 'ok', file);
    return {
      epoch: (db.prepare('SELECT name FROM epoch').pluck().all() as string[]).join(),
      tokens: new Set(db.prepare('SELECT token FROM written').pluck().all() as string[]),
    };
  } finally {
    db.close();
  }
}

/** The name that the uploads themselves say. */
export function epochOf(uploads: string): string {
  const only = readdirSync(uploads).filter((each) => each.startsWith('only-'));
  const name = readFileSync(join(uploads, 'epoch.txt'), 'utf8');
  assert.deepEqual(only, [`only-${name}.txt`]);
  return name;
}
