// What Docker sends is read as tar itself reads it, in chunks of any size, and never leads out of its folder.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTar } from '../../../src/engine/places/tar';
import { newFolder } from '../../support/folder';
import { newForEachTest } from '../../support/stand-in';

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) {
    yield Promise.resolve(bytes.subarray(at, at + size));
  }
}

async function read(bytes: Buffer, size = 1000): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for await (const { path, kind, target, mode, mtime, content } of readTar(inChunks(bytes, size))) {
    const parts: Buffer[] = [];
    for await (const part of content) {
      parts.push(part);
    }
    found[path] = kind === 'file' ? [kind, mode, mtime, Buffer.concat(parts).toString('utf8')] : kind === 'folder' ? kind : [kind, target];
  }
  return found;
}

describe('archives from Docker', () => {
  const folder = newForEachTest(() => newFolder('tar'));

  for (const format of process.platform === 'linux' ? ['pax', 'gnu', 'ustar'] : []) {
    it(`are read in the format ${format}, whatever the chunks`, async () => {
      const long = format === 'ustar' ? 'short' : `a${'ü'.repeat(60)}/${'long'.repeat(40)}`;
      mkdirSync(join(folder.path, 'top', long), { recursive: true });
      const file = join(folder.path, 'top', long, 'a.txt');
      writeFileSync(file, 'x'.repeat(1300));
      chmodSync(file, 0o640);
      utimesSync(file, 1_700_000_000, 1_700_000_000);
      writeFileSync(join(folder.path, 'top/empty'), '');
      symlinkSync(`${long}/a.txt`, join(folder.path, 'top/link'));
      linkSync(file, join(folder.path, 'top/twin'));
      const { stdout } = spawnSync('tar', ['-C', folder.path, `--format=${format}`, '--sort=name', '-c', 'top'], { maxBuffer: 1e7 });
      for (const size of [1, 511, 100_000]) {
        const found = await read(stdout, size);
        assert.deepEqual(found[`top/${long}/a.txt`], ['file', 0o640, 1_700_000_000, 'x'.repeat(1300)]);
        assert.equal((found['top/empty'] as unknown[]).at(-1), '');
        assert.deepEqual(found['top/link'], ['link', `${long}/a.txt`]);
        assert.deepEqual(found['top/twin'], ['hard link', `top/${long}/a.txt`]);
        assert.equal(found['top'], 'folder');
      }
    });
  }

  it('are refused where they are cut off or lead out', async () => {
    const header = Buffer.alloc(512);
    header.write('../out', 0);
    header.write('00000000005\0', 124);
    header.write('0', 156);
    await assert.rejects(read(header), { code: 'READ_FAILED' });
    header.write('inside', 0);
    await assert.rejects(read(header), { code: 'READ_FAILED' });
    await assert.rejects(read(Buffer.alloc(100, 1)), { code: 'READ_FAILED' });
  });
});
