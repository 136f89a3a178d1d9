// A copy of a database in a container is of one moment, and serves again only where nobody can have written since: also where times are of whole seconds.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyDatabase } from '../../../src/engine/places/copy';
import { Docker } from '../../../src/engine/places/docker';
import type { Door } from '../../../src/engine/places/volume';
import { newFolder } from '../../support/folder';
import { newForEachTest } from '../../support/stand-in';
import { StandInDocker, type Answer } from '../../support/stand-in-docker';

const PATH = '/app/data/pats.db';
const HOUR = 3_600_000;

describe('a copy of a database in a container', function () {
  if (process.platform === 'win32') {
    it('is asked for over a socket that tests have not here', () => undefined);
    return;
  }
  const folder = newForEachTest(() => newFolder('copy'));
  let docker: StandInDocker;
  let content: Buffer;
  let mtime: string;
  let writers: readonly string[];
  let meanwhile: (() => void) | null;
  const target = (): string => join(folder.path, 'copy/pats.db');
  beforeEach(async () => {
    [writers, meanwhile] = [[], null];
    docker = await StandInDocker.start(answer);
  });
  afterEach(() => docker.remove());

  /** Of whole seconds, on a machine whose clock is behind this one's. */
  function write(letter: string, size: number, behind = 0): void {
    content = Buffer.alloc(size, letter);
    mtime = new Date(Math.floor((Date.now() - behind) / 1000) * 1000).toISOString();
  }

  function answer(method: string, url: string): Answer {
    const { pathname, searchParams } = new URL(url, 'http://docker');
    if (!pathname.endsWith('/archive')) {
      return { status: method === 'POST' ? 204 : 200, body: '' };
    }
    if (searchParams.get('path') !== PATH) {
      return { status: 404 };
    }
    if (method === 'HEAD') {
      const stat = JSON.stringify({ size: content.length, mtime, mode: 0o644 });
      return { status: 200, headers: { 'x-docker-container-path-stat': Buffer.from(stat).toString('base64') } };
    }
    const header = Buffer.alloc(512);
    header.write('pats.db', 0);
    header.write('0000644\0', 100);
    header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('0', 156);
    const body = Buffer.concat([header, content, Buffer.alloc(1024)]);
    // Somebody writes while it is read.
    meanwhile?.();
    return { status: 200, body };
  }

  const copy = async (): Promise<string> => {
    const door: Door = {
      container: 'c',
      pathOf: (path) => path,
      writers: () => Promise.resolve(writers),
      isHere: () => true,
      hostOf: () => Promise.resolve(null),
      close: () => Promise.resolve(),
    };
    const of = { docker: new Docker(docker.socket), door, path: PATH, target: target() };
    const standing = {
      ...of,
      door: { ...door, writers: () => Promise.resolve(docker.asked.at(-1)?.startsWith('GET') === true ? [] : writers) },
    };
    await copyDatabase(standing, { state: folder.path, key: 'k' });
    return readFileSync(target(), 'latin1').slice(0, 1);
  };

  it('does not serve again where somebody has written in the same second', async () => {
    write('a', 1024);
    assert.equal(await copy(), 'a');
    const before = mtime;
    write('b', 1024);
    mtime = before;
    assert.equal(await copy(), 'b');
  });

  it('is not made before the pause of what was written in that second, whatever time Docker has', async () => {
    write('a', 5 * 1024 * 1024, HOUR);
    writers = ['c'];
    const before = mtime;
    let count = 0;
    meanwhile = () => {
      if (count++ === 0) {
        write('b', content.length, HOUR);
        // Two seconds are the coarsest that there are: an even and the odd one after it.
        mtime = Date.parse(mtime) - Date.parse(before) < 2000 ? before : mtime;
      }
    };
    assert.equal(await copy(), 'b');
  });
});
