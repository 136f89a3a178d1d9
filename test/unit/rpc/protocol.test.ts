// The protocol and its client carry exactly the operations of the engine's table.
import assert from 'node:assert/strict';
import { OPERATIONS } from '../../../src/engine/create-engine';
import { EngineClient } from '../../../src/rpc/client';
import { METHODS } from '../../../src/rpc/protocol';

/** These write nothing into the project and still leave something behind: asked twice, they would do it twice. */
const ACTS_OUTSIDE: Readonly<Record<string, string>> = {
  exportBackup: 'writes a file of the user',
  switchContainer: 'stops or starts a service',
};

describe('the protocol', () => {
  const operations = Object.entries(OPERATIONS);

  it('has a method for each operation, and no other', () => {
    assert.deepEqual(Object.keys(METHODS).sort(), Object.keys(OPERATIONS).sort());
  });

  it('has a method of the client for each operation', () => {
    const client = new EngineClient({ modulePath: 'never started', log: () => undefined });
    const methods = Object.entries(client).filter(([name, value]) => name in OPERATIONS && typeof value === 'function');
    assert.deepEqual(methods.map(([name]) => name).sort(), Object.keys(OPERATIONS).sort());
    assert.equal(client.pid, undefined);
  });

  it('asks again by itself exactly what leaves nothing behind', () => {
    const harmless = operations.filter(([name, { access }]) => access !== 'writes' && !(name in ACTS_OUTSIDE)).map(([name]) => name);
    const repeatable = Object.entries(METHODS).filter(([, method]) => method.repeatable);
    assert.deepEqual(repeatable.map(([name]) => name).sort(), harmless.sort());
  });

  it('excuses only operations that there are and that take no lock', () => {
    const excused = operations.filter(([name, { access }]) => name in ACTS_OUTSIDE && access !== 'writes').map(([name]) => name);
    assert.deepEqual(excused.sort(), Object.keys(ACTS_OUTSIDE).sort());
  });
});
