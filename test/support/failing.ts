// Says that an operation of the engine fails with one of its own errors.
import assert from 'node:assert/strict';
import { BackupError, type ErrorCode } from '../../src/engine/errors';

/** Awaits the failure and returns it; anything else fails the test. */
export async function failsWith(code: ErrorCode, work: Promise<unknown>): Promise<BackupError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof BackupError, String(error));
    assert.equal(error.code, code, error.message);
    assert.notEqual(error.message, '');
    assert.notEqual(error.remedy, '');
    return error;
  }
  assert.fail(`It did not fail with ${code}.`);
}
