// Which containers have the data of a volume or a folder, under whatever name.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Docker } from '../../../src/engine/places/docker';
import { containersWith, keptBy } from '../../../src/engine/places/kept';
import { newFolder, type Folder } from '../../support/folder';
import { StandInDocker } from '../../support/stand-in-docker';

describe('the containers that have what a volume keeps', () => {
  // Docker runs elsewhere there, and its paths are none.
  if (process.platform === 'win32') {
    return;
  }
  let folder: Folder;
  let docker: StandInDocker;
  let mounts: readonly object[] = [];
  const at = (path: string): string => join(folder.path, path);
  before(async () => {
    folder = newFolder('kept');
    for (const path of ['docker/data/_data', 'docker/other/_data', 'real/data']) {
      mkdirSync(at(path), { recursive: true });
    }
    symlinkSync(at('real'), at('link'));
    docker = await StandInDocker.start((_method, path) => {
      const [, name = ''] = /^\/volumes\/(\w+)$/.exec(path) ?? [];
      const bound = { data: null, other: null, bound: at('real/data'), linked: at('link/data') }[name];
      const containers = mounts.map((mount, index) => ({ Id: String(index), State: 'running', Mounts: [{ Destination: '/x', ...mount }] }));
      const volume = {
        Mountpoint: at(`docker/${name}/_data`),
        Options: typeof bound === 'string' ? { type: 'none', o: 'bind', device: bound } : null,
      };
      return { status: 200, body: JSON.stringify(path.startsWith('/containers') ? containers : volume) };
    });
  });
  after(async () => {
    await docker.remove();
    folder.remove();
  });
  const having = async (name: string, ...all: readonly object[]): Promise<readonly string[]> => {
    mounts = all;
    const client = new Docker(docker.socket);
    return (await containersWith(client, await keptBy(client, name))).map(({ Id }) => Id);
  };
  const bind = (path: string, isWritable = true): object => ({ Type: 'bind', Source: at(path), RW: isWritable });
  const volume = (name: string): object => ({ Type: 'volume', Name: name, Source: '', RW: true });

  it('are those that mount its folder by a link, or by the name of another volume', async () => {
    for (const name of ['bound', 'linked', at('real/data'), at('link/data')]) {
      const others = [bind('link'), bind('real/data'), volume('linked'), volume('bound'), volume('other'), bind('docker')];
      assert.deepEqual(await having(name, ...others), ['0', '1', '2', '3'], name);
    }
  });

  it('are those that mount the folder which Docker has made for it, but nobody who looks at all of Docker', async () => {
    const others = [volume('data'), bind('docker/data/_data'), volume('other'), bind('docker/other/_data'), bind('docker')];
    assert.deepEqual(await having('data', ...others), ['0', '1']);
  });
});
