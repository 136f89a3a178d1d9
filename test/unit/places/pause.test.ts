// Containers are woken by whoever has paused them, and by nobody else: a person's own pause stays.
import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Docker } from '../../../src/engine/places/docker';
import { wakeLeft, whilePaused } from '../../../src/engine/places/pause';
import { newFolder } from '../../support/folder';
import { newForEachTest } from '../../support/stand-in';
import { StandInDocker, type Answer } from '../../support/stand-in-docker';

const [FIRST, SECOND] = ['a'.repeat(64), 'b'.repeat(64)] as const;

describe('containers that stand still', function () {
  if (process.platform === 'win32') {
    it('are asked for over a socket that tests have not here', () => undefined);
    return;
  }
  const state = newForEachTest(() => newFolder('state'));
  let docker: StandInDocker;
  let asleep: Set<string>;
  /** What somebody else does when the container is asked to be paused. */
  let isAnothers: (id: string) => boolean;
  let events: { readonly Action: string; readonly time: number }[];
  const answer = (method: string, path: string): Answer | undefined => {
    const [, id = '', deed = ''] = /^\/containers\/([0-9a-f]{64})\/(pause|unpause)$/.exec(path) ?? [];
    if (deed === 'pause') {
      const isFree = !isAnothers(id) && !asleep.has(id);
      asleep.add(id);
      return { status: isFree ? 204 : 409 };
    }
    if (deed === 'unpause') {
      return { status: asleep.delete(id) ? 204 : 409 };
    }
    if (path.startsWith('/containers/json')) {
      return { status: 200, body: JSON.stringify([...asleep].map((Id) => ({ Id, State: 'paused' }))) };
    }
    return path.startsWith('/events') && method === 'GET'
      ? { status: 200, body: events.map((each) => JSON.stringify(each)).join('\n') }
      : undefined;
  };
  beforeEach(async () => {
    docker = await StandInDocker.start(answer);
    asleep = new Set();
    isAnothers = () => false;
    events = [];
  });
  afterEach(() => docker.remove());

  const records = (): string[] => readdirSync(state.path).filter((name) => name.startsWith('paused-'));
  const record = (more: object): void => {
    const given = { key: 'k', pid: process.pid, at: Date.now() - 60_000, socket: docker.socket, containers: [FIRST], ...more };
    writeFileSync(join(state.path, 'paused-00000000.json'), JSON.stringify(given));
  };
  const wake = (key = 'k'): Promise<void> => wakeLeft({ state: state.path, key });

  it('are woken again, also when what was done meanwhile fails', async () => {
    await assert.rejects(
      whilePaused(new Docker(docker.socket), [FIRST, SECOND], { state: state.path, key: 'k' }, () => {
        assert.deepEqual([...asleep], [FIRST, SECOND]);
        return Promise.reject(new Error('disk full'));
      }),
      /disk full/,
    );
    assert.equal(asleep.size, 0);
    assert.deepEqual(records(), []);
  });

  it('are left alone where somebody else was faster', async () => {
    isAnothers = (id) => id === SECOND;
    await whilePaused(new Docker(docker.socket), [FIRST, SECOND], { state: state.path, key: 'k' }, () => Promise.resolve());
    assert.deepEqual([...asleep], [SECOND]);
    assert.deepEqual(records(), []);
  });

  it('are woken by the next run on the same place, whoever has the process number now', async () => {
    asleep.add(FIRST);
    record({ paused: [FIRST] });
    await wake('another place');
    assert.deepEqual([...asleep], [FIRST]);
    await wake();
    assert.equal(asleep.size, 0);
    assert.deepEqual(records(), []);
  });

  it('are woken after a kill between the pause and the note of it', async () => {
    asleep.add(FIRST);
    record({ paused: [] });
    events = [{ Action: 'pause', time: Math.floor(Date.now() / 1000) - 60 }];
    await wake();
    assert.equal(asleep.size, 0);
  });

  it('stay paused where a person has woken and paused them since, or paused what the killed run had not come to', async () => {
    const now = Math.floor(Date.now() / 1000);
    asleep.add(FIRST);
    record({ paused: [FIRST] });
    events = ['pause', 'unpause', 'pause'].map((Action, index) => ({ Action, time: now - 50 + index }));
    await wake();
    record({ paused: [] });
    events = [{ Action: 'pause', time: now - 10 }];
    await wake();
    assert.deepEqual([...asleep], [FIRST]);
    assert.deepEqual(records(), []);
  });
});
