// What the drive refuses while a file is still being written fails the file, though a later sync would say that all is well.
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { appendAll } from '../../../../src/engine/sqlite/dump/append';
import { newFolder, type Folder } from '../../../support/folder';

const MEGABYTE = 1024 * 1024;
const PIECE = Buffer.alloc(MEGABYTE, 'x');

/** More than the drive is given at once. */
function* pieces(): Generator<Buffer> {
  for (let at = 0; at < 80; at++) {
    yield PIECE;
  }
}

describe('a file that is written piece by piece', () => {
  let folder: Folder;
  let handles: FileHandle;

  beforeEach(async () => {
    folder = newFolder('append');
    const file = await open(folder.at('any'), 'w');
    handles = Object.getPrototypeOf(file) as FileHandle;
    await file.close();
  });

  afterEach(() => {
    folder.remove();
  });

  /** The first call of a handle's method does something else, only then. */
  async function whereFirst(method: 'datasync' | 'write', instead: (this: FileHandle, ...given: never[]) => unknown): Promise<void> {
    const original = Object.getOwnPropertyDescriptor(handles, method);
    assert.ok(original);
    let calls = 0;
    Object.defineProperty(handles, method, {
      ...original,
      value(this: FileHandle, ...given: never[]): unknown {
        return calls++ === 0 ? instead.apply(this, given) : (original.value as typeof instead).apply(this, given);
      },
    });
    try {
      await appendAll(folder.at('new'), pieces(), { onCreated: () => undefined });
    } finally {
      Object.defineProperty(handles, method, original);
    }
    assert.ok(calls > 0);
  }

  it('is whole', async () => {
    await appendAll(folder.at('new'), pieces(), { onCreated: () => undefined });
    assert.equal(statSync(folder.at('new')).size, 80 * MEGABYTE);
  });

  it('fails when the drive has refused a part of it', async () => {
    const refused = Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
    await assert.rejects(
      whereFirst('datasync', () => Promise.reject(refused)),
      { code: 'EIO' },
    );
  });

  it('fails where nothing more can be written and no error is told', async () => {
    await assert.rejects(
      whereFirst('write', () => Promise.resolve({ bytesWritten: 0 })),
      { code: 'EIO' },
    );
  });
});
