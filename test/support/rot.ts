// Bit rot: one bit of a file changes, and nothing else tells of it.
import { closeSync, openSync, readSync, statSync, utimesSync, writeSync } from 'node:fs';

/** Flips the lowest bit of one byte in place; size and times stay. */
export function rot(file: string, offset = 3): void {
  const { atime, mtime } = statSync(file);
  const handle = openSync(file, 'r+');
  const byte = Buffer.alloc(1);
  readSync(handle, byte, 0, 1, offset);
  byte.writeUInt8(byte.readUInt8(0) ^ 1);
  writeSync(handle, byte, 0, 1, offset);
  closeSync(handle);
  utimesSync(file, atime, mtime);
}
