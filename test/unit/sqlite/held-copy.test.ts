// Specification of the fast snapshot: only where its conditions hold, else the safe way; never another content, never a trace.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import {
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { realDisk, type Disk } from '../../../src/engine/files/disk';
import { realEnvironment } from '../../../src/engine/store/environment';
import { failsWith } from '../../support/failing';
import { hiddenIn, makeProject, rowsOf, visibleIn } from '../../support/pats-project';
import { newForEachTest } from '../../support/stand-in';

for (const journalMode of ['wal', 'delete'] as const) {
  describe(`the fast snapshot of a database in ${journalMode} mode`, () => {
    const project = newForEachTest(() => makeProject({ journalMode }));
    let copies = 0;
    beforeEach(() => {
      copies = 0;
    });

    const copyApart: Disk['copyApart'] = async (from, to, signal) => {
      const isCopied = await realDisk.copyApart(from, to, signal);
      copies += isCopied ? 1 : 0;
      return isCopied;
    };
    const backUp = async (disk: Partial<Disk> = {}, signal?: AbortSignal): Promise<Record<string, unknown[]>> => {
      const engine = createEngine({ ...realEnvironment, disk: { ...realDisk, copyApart, ...disk } });
      const { path } = await engine.create(
        { root: project.root },
        { trigger: 'manual', name: 'held' },
        signal === undefined ? {} : { signal },
      );
      assert.deepEqual(
        readdirSync(path).filter((name) => name.startsWith('pats.db')),
        ['pats.db'],
      );
      assert.ok((await engine.verify({ root: project.root }, { deep: true })).every(({ ok }) => ok));
      return rowsOf(join(path, 'pats.db'));
    };
    const isLinux = process.platform === 'linux';

    it('is taken of an idle database, which stays as it is, and is known to be unchanged since', async () => {
      const before = readdirSync(dirname(project.database)).map((name) => [name, statSync(join(dirname(project.database), name)).mtimeMs]);
      assert.deepEqual(await backUp(), rowsOf(project.database));
      assert.equal(copies, isLinux ? 1 : 0);
      assert.deepEqual(
        readdirSync(dirname(project.database)).map((name) => [name, statSync(join(dirname(project.database), name)).mtimeMs]),
        before,
      );
      const { database } = await createEngine().show({ root: project.root }, { name: 'held' });
      assert.ok(database?.live !== undefined);
    });

    it('holds what an application that has it open has committed last', async () => {
      const app = new Database(project.database);
      try {
        app.exec("INSERT INTO companies (name) VALUES ('the last one')");
        const rows = await backUp();
        assert.equal(copies, isLinux ? 1 : 0);
        assert.equal(rows['companies']?.length, 51);
        app.exec("INSERT INTO companies (name) VALUES ('still writable')");
      } finally {
        app.close();
      }
    });

    it('is not taken where locks may not hold, where the copy fails or is not whole, or while an application has the lock', async () => {
      const rows = rowsOf(project.database);
      const cut: Disk['copyApart'] = async (from, to, signal) => {
        const isCopied = await realDisk.copyApart(from, to, signal);
        if (isCopied) {
          truncateSync(to, 4096);
        }
        return isCopied;
      };
      for (const disk of [
        { remoteKind: () => Promise.resolve('NFS') },
        { copyApart: () => Promise.resolve(false) },
        { copyApart: () => Promise.reject(new Error('test')) },
        { copyApart: cut },
      ] satisfies Partial<Disk>[]) {
        assert.deepEqual(await backUp(disk), rows);
        assert.equal(copies, 0);
        await createEngine().remove({ root: project.root }, { names: ['held'] });
      }
      const app = new Database(project.database);
      try {
        app.exec(`BEGIN IMMEDIATE; INSERT INTO companies (name) VALUES ('not committed')`);
        assert.deepEqual(await backUp(), rows);
        assert.equal(copies, journalMode === 'delete' && isLinux ? 1 : 0);
      } finally {
        app.close();
      }
    });

    it('holds nothing that was never committed when another database comes in its place, or bytes are written past all locks', async () => {
      const rows = rowsOf(project.database);
      const other = join(project.root, 'other.db');
      copyFileSync(project.database, other);
      let app: Database.Database | undefined;
      try {
        const exchange: Disk['copyApart'] = async (from, to, signal) => {
          renameSync(other, project.database);
          app = new Database(project.database);
          app.pragma('cache_size = 1');
          app.exec("BEGIN EXCLUSIVE; UPDATE applications SET title = 'half of a change' || substr(title, 17)");
          const isCopied = await copyApart(from, to, signal);
          app.exec('ROLLBACK');
          return isCopied;
        };
        assert.deepEqual(await backUp({ copyApart: exchange }), rows);
        await createEngine().remove({ root: project.root }, { names: ['held'] });
        const overwrite: Disk['copyApart'] = async (from, to, signal) => {
          const isCopied = await copyApart(from, to, signal);
          const handle = openSync(other, 'r+');
          writeSync(handle, Buffer.alloc(1), 0, 1, statSync(other).size - 1);
          closeSync(handle);
          return isCopied;
        };
        renameSync(project.database, other);
        symlinkSync(other, project.database);
        assert.deepEqual(await backUp({ copyApart: overwrite }), rowsOf(project.database));
      } finally {
        app?.close();
      }
    });

    it('keeps its locks while somebody else asks the same engine about the backups', async function () {
      if (!isLinux) {
        this.skip();
      }
      const app = new Database(project.database);
      try {
        app.exec("INSERT INTO companies (name) VALUES ('the last one')");
        const locks = (): string[] => {
          const files = ['', '-shm'].flatMap((suffix) => statSync(project.database + suffix, { throwIfNoEntry: false })?.ino ?? []);
          const all = readFileSync('/proc/locks', 'utf8').split('\n');
          return all.filter((line) => files.some((file) => line.includes(`:${file} `))).map((line) => line.replace(/^\d+: /, ''));
        };
        const seen: [string[], string[]][] = [];
        const whileListing: Disk['copyApart'] = async (from, to, signal) => {
          const before = locks();
          await createEngine().list({ root: project.root });
          seen.push([before, locks()]);
          return copyApart(from, to, signal);
        };
        await backUp({ copyApart: whileListing });
        const [[before, after] = []] = seen;
        assert.ok(before !== undefined && before.length > 0);
        assert.deepEqual(after, before);
        assert.equal(copies, 1);
      } finally {
        app.close();
      }
    });

    it('leaves nothing when it is cancelled', async () => {
      const controller = new AbortController();
      const cancelled: Disk['copyApart'] = async (from, to, signal) => {
        controller.abort();
        return realDisk.copyApart(from, to, signal);
      };
      await failsWith('CANCELLED', backUp({ copyApart: cancelled }, controller.signal));
      assert.deepEqual([...visibleIn(project.backups), ...hiddenIn(project.backups)], []);
    });
  });
}
