// What an archive from a container says is put into the copy's own folder and nowhere else, and what was not reached is not "nothing".
import assert from 'node:assert/strict';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lookAtDatabase, copyDatabase, copiedAt } from '../../../src/engine/places/copy';
import { Docker, TakesTooLong } from '../../../src/engine/places/docker';
import { walkTree } from '../../../src/engine/files/tree';
import { placeBelow } from '../../../src/engine/places/entries';
import { copyUploads } from '../../../src/engine/places/uploads';
import type { Door } from '../../../src/engine/places/volume';
import { realEnvironment } from '../../../src/engine/store/environment';
import { newFolder } from '../../support/folder';
import { newForEachTest } from '../../support/stand-in';
import { StandInDocker, type Answer } from '../../support/stand-in-docker';

interface Entry {
  readonly name: string;
  readonly type?: string;
  readonly target?: string;
  readonly content?: Buffer;
}

function archiveOf(entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(({ name, type = '0', target = '', content = Buffer.alloc(0) }) => {
    const header = Buffer.alloc(512);
    header.write(name, 0, 'latin1');
    header.write('0000777\0', 100);
    header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000001\0', 136);
    header.write(type, 156);
    header.write(target, 157);
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

describe('copies of what is in containers', function () {
  if (process.platform === 'win32') {
    it('are asked for over a socket that tests have not here', () => undefined);
    return;
  }
  const folder = newForEachTest(() => newFolder('copies'));
  let docker: StandInDocker;
  let answer: (method: string, path: string) => Answer | undefined;
  const door: Door = {
    container: 'c',
    pathOf: (path) => path,
    writers: () => Promise.resolve([]),
    isHere: () => true,
    hostOf: () => Promise.resolve(null),
    close: () => Promise.resolve(),
  };
  beforeEach(async () => {
    docker = await StandInDocker.start((method, path) => answer(method, path));
  });
  afterEach(() => docker.remove());
  const target = (): string => join(folder.path, 'copy/uploads');
  const copy = (entries: readonly Entry[]): Promise<void> => {
    answer = () => ({ status: 200, body: archiveOf(entries) });
    return copyUploads(new Docker(docker.socket), door, '/app/uploads', target());
  };

  it('have the names that are not UTF-8 as they are, each of them, for whoever reads the copy to say so', async function () {
    if (process.platform !== 'linux') {
      this.skip();
    }
    const top = { name: 'uploads/', type: '5' };
    const names = (): string[] => readdirSync(target(), { encoding: 'latin1' }).sort();
    await copy([top, { name: 'uploads/caf\xe8' }, { name: 'uploads/caf\xe9' }, { name: 'uploads/d\xe9/in it' }, { name: 'uploads/good' }]);
    assert.deepEqual(names(), ['caf\xe8', 'caf\xe9', 'd\xe9', 'good']);
    const { unreadable, files } = await walkTree(realEnvironment.disk, target());
    assert.deepEqual(
      files.map(({ path }) => path),
      ['good'],
    );
    assert.deepEqual(unreadable.map(({ path }) => path).sort(), ['caf\\xe8', 'caf\\xe9', 'd\\xe9']);
    await copy([top, { name: 'uploads/caf\xe9' }, { name: 'uploads/good' }]);
    assert.deepEqual(names(), ['caf\xe9', 'good']);
  });

  it('stay in their folder, whatever links lead out of it', async () => {
    const outside = join(folder.path, 'outside');
    mkdirSync(join(outside, 'kept'), { recursive: true, mode: 0o700 });
    writeFileSync(join(outside, 'file'), 'mine');
    const untouched = (): void => {
      assert.equal(readFileSync(join(outside, 'file'), 'utf8'), 'mine');
      assert.deepEqual(readdirSync(outside).sort(), ['file', 'kept']);
      assert.equal(statSync(outside).mode & 0o777, 0o700);
    };
    mkdirSync(outside, { recursive: true, mode: 0o700 });
    const top = { name: 'uploads/', type: '5' };
    const link = { name: 'uploads/a', type: '2', target: outside };
    for (const after of [
      { name: 'uploads/a/file', content: Buffer.from('theirs') },
      { name: 'uploads/a/new', content: Buffer.from('theirs') },
      { name: 'uploads/a/kept', type: '2', target: '/nowhere' },
      { name: 'uploads/a/kept', type: '5' },
      { name: 'uploads/twin', type: '1', target: 'uploads/a/file' },
    ]) {
      await copy([top, link, after]);
      untouched();
      assert.equal(existsSync(join(target(), 'twin')), false);
    }
    await copy([top, { name: 'uploads/a', type: '5' }, link]);
    untouched();
    // The link is from the copy before.
    await copy([top, link]);
    assert.ok(lstatSync(join(target(), 'a')).isSymbolicLink());
    await copy([top, { name: 'uploads/a/', type: '5' }, { name: 'uploads/a/file', content: Buffer.from('theirs') }]);
    assert.equal(readFileSync(join(target(), 'a/file'), 'utf8'), 'theirs');
    untouched();
  });

  it('are refused where another system would read a name as a way out', () => {
    for (const way of ['..\\..\\evil.bat', 'C:\\evil.bat', 'file:stream']) {
      assert.throws(() => placeBelow('C:\\copies', way, true), { code: 'READ_FAILED' });
    }
  });

  it('have holes where there are only zeros', async () => {
    await copy([
      { name: 'uploads/', type: '5' },
      { name: 'uploads/large', content: Buffer.alloc(32 * 1024 * 1024) },
    ]);
    const { size, blocks } = statSync(join(target(), 'large'));
    assert.equal(size, 32 * 1024 * 1024);
    assert.ok(blocks * 512 < 8 * 1024 * 1024, `${blocks} blocks`);
  });

  it('end in time where they are only for a look', async () => {
    answer = () => ({
      status: 200,
      body: archiveOf([
        { name: 'uploads/', type: '5' },
        { name: 'uploads/a', content: Buffer.alloc(1e7, 'a') },
      ]),
    });
    const late = copyUploads(new Docker(docker.socket), door, '/app/uploads', target(), Date.now() - 1);
    await assert.rejects(late, TakesTooLong);
  });

  it('are not made of a link in the place of the folder: its files would be missing without a word', async () => {
    await assert.rejects(copy([{ name: 'uploads', type: '2', target: '/data/uploads' }]), /a link to \/data\/uploads/);
  });

  it('stay where the container is gone: that is not an empty folder, nor a database that does not exist', async () => {
    await copy([
      { name: 'uploads/', type: '5' },
      { name: 'uploads/a', content: Buffer.from('a') },
    ]);
    answer = () => undefined;
    await assert.rejects(copyUploads(new Docker(docker.socket), door, '/app/uploads', target()), { code: 'READ_FAILED' });
    assert.equal(readFileSync(join(target(), 'a'), 'utf8'), 'a');
    const of = { docker: new Docker(docker.socket), door, path: '/app/pats.db', target: join(folder.path, 'copy/database/pats.db') };
    await assert.rejects(copyDatabase(of, { state: folder.path, key: 'k' }), { code: 'READ_FAILED' });
    await assert.rejects(lookAtDatabase(of), { code: 'READ_FAILED' });
  });

  it('of a database are not taken while it changes, nor when its log begins anew', async () => {
    let version = 0;
    let isBusy = true;
    let log = 'one';
    const stat = (size: number, mtime: string): string => Buffer.from(JSON.stringify({ size, mtime })).toString('base64');
    answer = (method, path) => {
      const isLog = path.includes('-wal');
      if (path.includes('-journal')) {
        return method === 'HEAD' || path.includes('archive') ? undefined : { status: 200 };
      }
      if (!path.includes('/archive')) {
        return { status: 200 };
      }
      if (method === 'HEAD') {
        const time = new Date(1_700_000_000_000 + (isLog || isBusy ? version++ : 0)).toISOString();
        return { status: 200, headers: { 'x-docker-container-path-stat': stat(5, time) } };
      }
      const content = isLog ? (log === 'turning' ? String(version++) : log).padEnd(64, '.') : 'data.';
      return { status: 200, body: archiveOf([{ name: isLog ? 'pats.db-wal' : 'pats.db', content: Buffer.from(content) }]) };
    };
    const of = { docker: new Docker(docker.socket), door, path: '/app/pats.db', target: join(folder.path, 'copy/database/pats.db') };
    assert.equal(await lookAtDatabase(of), false);
    assert.equal(copiedAt(of.target), null);
    isBusy = false;
    log = 'turning';
    assert.equal(await lookAtDatabase(of), false);
    log = 'growing';
    assert.equal(await lookAtDatabase(of), true);
    assert.ok(copiedAt(of.target) !== null);
    assert.deepEqual(readdirSync(join(folder.path, 'copy/database')).sort(), ['pats.db', 'pats.db-wal', 'pats.db.stamp']);
  });
});
