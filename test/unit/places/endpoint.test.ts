// Which Docker is meant, by the variables and files that its own client reads.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { findEndpoint } from '../../../src/engine/places/endpoint';
import { newFolder } from '../../support/folder';
import { newForEachTest } from '../../support/stand-in';

describe('the endpoint of Docker', () => {
  const folder = newForEachTest(() => newFolder('endpoint'));
  const write = (path: string, content: unknown): void => {
    mkdirSync(dirname(folder.at(path)), { recursive: true });
    writeFileSync(folder.at(path), JSON.stringify(content));
  };
  const context = (name: string, host: string): void => {
    write(`contexts/meta/${createHash('sha256').update(name).digest('hex')}/meta.json`, {
      Name: name,
      Endpoints: { docker: { Host: host } },
    });
  };

  it('is what DOCKER_HOST names, before every context', () => {
    write('config.json', { currentContext: 'desktop' });
    context('desktop', 'unix:///desk.sock');
    const env = { DOCKER_CONFIG: folder.path };
    assert.deepEqual(findEndpoint({ ...env, DOCKER_HOST: 'unix:///my.sock' }), { socket: '/my.sock' });
    assert.deepEqual(findEndpoint({ ...env, DOCKER_HOST: 'npipe:////./pipe/docker' }), { socket: '//./pipe/docker' });
    assert.deepEqual(findEndpoint(env), { socket: '/desk.sock' });
  });

  it('is none on another machine, however it is named', () => {
    context('far', 'ssh://me@far');
    const why = { why: 'Docker runs on another machine' };
    assert.deepEqual(findEndpoint({ DOCKER_CONFIG: folder.path, DOCKER_CONTEXT: 'far' }), why);
    assert.deepEqual(findEndpoint({ DOCKER_CONFIG: folder.path, DOCKER_HOST: 'tcp://127.0.0.1:2375' }), why);
  });
});
