// The seal on a backup whose restore does what no stranger's may: made with a secret that only this user's account has.
import { timingSafeEqual } from 'node:crypto';
import { markOf } from './own-state';
import type { Manifest } from './manifest';

/** What people and an import may change in a manifest; everything else is sealed. */
const FREE = ['backup_name', 'note', 'pinned', 'seal'];

/** The manifest with a seal. */
export function sealed(manifest: Manifest): Manifest {
  return { ...manifest, seal: sealOf(manifest) };
}

/** Whether this user made the backup on this machine, and nobody changed since what it says. */
export function isOwn(manifest: Manifest): boolean {
  if (manifest.seal === undefined || manifest.imported_at !== undefined) {
    return false;
  }
  const [claimed, expected] = [manifest.seal, sealOf(manifest)].map((seal) => Buffer.from(seal, 'hex')) as [Buffer, Buffer];
  return claimed.length === expected.length && timingSafeEqual(claimed, expected);
}

function sealOf(manifest: Manifest): string {
  const bound = Object.fromEntries(Object.entries(manifest).filter(([key]) => !FREE.includes(key)));
  return markOf('seal', JSON.stringify(inOrder(bound)));
}

/** The same value with the same text, in whatever order its keys were read. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(inOrder);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return { '': entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, inOrder(each)]) };
}
