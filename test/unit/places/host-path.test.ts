// A file of a volume is copied on this machine only as what it is: nothing that is put in its place meanwhile leads elsewhere.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Docker } from '../../../src/engine/places/docker';
import { copyOnHost } from '../../../src/engine/places/host-path';
import type { Door } from '../../../src/engine/places/volume';
import { newFolder } from '../../support/folder';
import { newForEachTest } from '../../support/stand-in';
import { StandInDocker } from '../../support/stand-in-docker';

describe('a file of a volume on this machine', function () {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    it('is read by root alone', () => undefined);
    return;
  }
  const folder = newForEachTest(() => newFolder('host-path'));
  const at = (path: string): string => join(folder.path, path);
  /** `deed` happens between the look and the copy. */
  const copy = async (deed: () => void): Promise<string | null> => {
    for (const name of ['volume', 'elsewhere']) {
      mkdirSync(at(name));
      writeFileSync(at(`${name}/pats.db`), name === 'volume' ? 'ours....' : 'secret..');
      utimesSync(at(`${name}/pats.db`), 1_700_000_000, 1_700_000_000);
    }
    const { size, mtime } = statSync(at('volume/pats.db'));
    const stat = Buffer.from(JSON.stringify({ size, mtime: mtime.toISOString() })).toString('base64');
    const docker = await StandInDocker.start(() => {
      deed();
      return { status: 200, headers: { 'x-docker-container-path-stat': stat } };
    });
    const door: Door = {
      container: 'c',
      pathOf: (path) => path,
      writers: () => Promise.resolve([]),
      isHere: () => true,
      hostOf: () => Promise.resolve(at('volume/pats.db')),
      close: () => Promise.resolve(),
    };
    try {
      await copyOnHost(new Docker(docker.socket), door, '/app/pats.db', at('copy'));
      return existsSync(at('copy')) ? readFileSync(at('copy'), 'utf8') : null;
    } finally {
      await docker.remove();
    }
  };

  it('is copied', async () => {
    assert.equal(await copy(() => undefined), 'ours....');
  });

  it('is never the one that a link leads to, in its place or in that of its folder', async () => {
    const copied = await copy(() => {
      renameSync(at('volume/pats.db'), at('volume/old'));
      symlinkSync(at('elsewhere/pats.db'), at('volume/pats.db'));
    });
    assert.notEqual(copied, 'secret..');
  });
});
