// The compose service that mounts the database, with a stand-in for the docker program on the PATH.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { findContainer, switchContainer } from '../../../src/engine/containers/container';
import type { Project } from '../../../src/engine/project/project';

describe('the container of a project', () => {
  let root: string;
  let project: Project;
  const path = process.env['PATH'];

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'pats-container-'));
    mkdirSync(join(root, 'data'));
    mkdirSync(join(root, 'bin'));
    project = { root, database: join(root, 'data/pats.db'), databaseOrigin: 'layout', uploads: [], backups: join(root, 'backups') };
    writeFileSync(join(root, 'compose.yaml'), 'services:\n  web:\n    image: web\n    volumes: ["./data:/data"]\n');
  });

  afterEach(() => {
    process.env['PATH'] = path;
    rmSync(root, { recursive: true, force: true });
  });

  /** A program that notes what it is asked and answers with this script. */
  function docker(script: string): void {
    const program = `#!/bin/sh\necho "$@" >> ${join(root, 'asked')}\n${script}\n`;
    for (const name of ['docker', 'docker-compose']) {
      writeFileSync(join(root, 'bin', name), program, { mode: 0o755 });
    }
    process.env['PATH'] = `${join(root, 'bin')}${delimiter}${path ?? ''}`;
  }

  /** Windows runs no shell script as a program. */
  const posix = (title: string, work: () => Promise<void>): void => {
    if (process.platform !== 'win32') {
      it(title, work);
    }
  };

  /** Answers both questions: which containers the service has, and whether each of them runs. */
  const answering = (ids: string, running: string): string => `case "$*" in *inspect*) echo '${running}';; *) echo '${ids}';; esac`;

  posix('runs when one of its containers does', async () => {
    docker(answering('f78d6e2f', 'true'));
    const container = await findContainer(project);
    assert.equal(container?.service, 'web');
    assert.equal(container.running, true);
    assert.match(container.stop, /compose stop web$/);
    assert.match(readFileSync(join(root, 'asked'), 'utf8'), /ps -q web\ninspect .* f78d6e2f\n/);
  });

  posix('is down when Compose lists none, or one that has ended', async () => {
    docker('');
    assert.equal((await findContainer(project))?.running, false);
    docker(answering('f78d6e2f', 'false'));
    assert.equal((await findContainer(project))?.running, false);
  });

  it('is unknown without Docker', async () => {
    process.env['PATH'] = join(root, 'bin');
    assert.equal((await findContainer(project))?.running, null);
  });

  posix('is unknown when Docker refuses or says what nobody understands', async () => {
    docker('exit 1');
    assert.equal((await findContainer(project))?.running, null);
    docker('case "$*" in *inspect*) exit 1;; *) echo nonsense;; esac');
    assert.equal((await findContainer(project))?.running, null);
  });

  it('is none when no service mounts the database, or there is no database', async () => {
    writeFileSync(join(root, 'compose.yaml'), 'services:\n  web:\n    image: web\n');
    assert.equal(await findContainer(project), null);
    assert.equal(await findContainer({ ...project, database: null }), null);
  });

  posix('is stopped and started; a refusal says how to do it by hand', async () => {
    docker('');
    await switchContainer(project, 'stop');
    await switchContainer(project, 'start');
    assert.match(readFileSync(join(root, 'asked'), 'utf8'), /stop web\n.*start web\n/);
    docker('exit 1');
    await assert.rejects(switchContainer(project, 'stop'), { code: 'REFUSED', remedy: /compose stop web$/ });
  });
});
