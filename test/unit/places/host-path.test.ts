// A file of a volume is copied on this machine only as what it is: nothing that is put in its place meanwhile leads elsewhere.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Docker } from '../../../src/engine/places/docker';
import { here } from '../../../src/engine/platform/platform';
import { copyOnHost } from '../../../src/engine/places/host-path';
import type { Door } from '../../../src/engine/places/volume';
import { newFolder } from '../../support/folder';
import { newForEachTest } from '../../support/stand-in';
import { StandInDocker } from '../../support/stand-in-docker';

/** Elsewhere it is copied through Docker. */
const COPIED = here.isLinux && process.getuid?.() === 0 ? 'ours....' : null;

describe('a file of a volume on this machine', () => {
  const folder = newForEachTest(() => newFolder('host-path'));
  const at = (path: string): string => join(folder.path, path);

  interface Deeds {
    /** Between the look at the volume and the opening of the file. */
    readonly first?: () => void;
    /** Between the opening and the copy. */
    readonly then?: () => void;
  }

  const copy = async ({ first, then }: Deeds): Promise<string | null> => {
    for (const name of ['volume', 'elsewhere']) {
      mkdirSync(at(name));
      writeFileSync(at(`${name}/pats.db`), name === 'volume' ? 'ours....' : 'secret..');
      utimesSync(at(`${name}/pats.db`), 1_700_000_000, 1_700_000_000);
    }
    const { size, mtime } = statSync(at('volume/pats.db'));
    const stat = Buffer.from(JSON.stringify({ size, mtime: mtime.toISOString() })).toString('base64');
    const docker = await StandInDocker.start(() => {
      then?.();
      return { status: 200, headers: { 'x-docker-container-path-stat': stat } };
    });
    const door: Door = {
      container: 'c',
      pathOf: (path) => path,
      writers: () => Promise.resolve([]),
      isHere: () => true,
      hostOf: () => {
        first?.();
        return Promise.resolve(at('volume/pats.db'));
      },
      close: () => Promise.resolve(),
    };
    try {
      await copyOnHost(new Docker(docker.socket), door, '/app/pats.db', at('copy'));
      return existsSync(at('copy')) ? readFileSync(at('copy'), 'utf8') : null;
    } finally {
      await docker.remove();
    }
  };
  const linkFile = (): void => {
    renameSync(at('volume/pats.db'), at('volume/old'));
    symlinkSync(at('elsewhere/pats.db'), at('volume/pats.db'));
  };
  const linkFolder = (): void => {
    renameSync(at('volume'), at('old'));
    symlinkSync(at('elsewhere'), at('volume'));
  };

  it('is copied, on Linux by root', async () => {
    assert.equal(await copy({}), COPIED);
  });

  for (const [what, link] of [
    ['it', linkFile],
    ['its folder', linkFolder],
  ] as const) {
    it(`is not copied when a link takes the place of ${what}, before it is opened or after that`, async () => {
      assert.equal(await copy({ first: link }), null);
      folder.remove();
      mkdirSync(folder.path);
      assert.equal(await copy({ then: link }), null);
    });
  }
});
