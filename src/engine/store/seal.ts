// The seal on a backup whose restore does what no stranger's may: made with a secret that only this user's account has.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Manifest } from './manifest';

/** What people and an import may change in a manifest; everything else is sealed. */
const FREE = ['backup_name', 'note', 'pinned', 'seal'];
const SECRET_BYTES = 32;

/** The manifest with a seal; without one where no secret can be kept (then a restore treats the backup as a stranger's). */
export async function sealed(manifest: Manifest): Promise<Manifest> {
  const secret = (await readSecret()) ?? (await makeSecret());
  return secret === null ? manifest : { ...manifest, seal: sealOf(manifest, secret).toString('hex') };
}

/** Whether this user made the backup on this machine, and nobody changed since what it says. */
export async function isOwn(manifest: Manifest): Promise<boolean> {
  const secret = manifest.seal === undefined || manifest.imported_at !== undefined ? null : await readSecret();
  if (secret === null) {
    return false;
  }
  const claimed = Buffer.from(manifest.seal ?? '', 'hex');
  const expected = sealOf(manifest, secret);
  return claimed.length === expected.length && timingSafeEqual(claimed, expected);
}

function sealOf(manifest: Manifest, secret: Buffer): Buffer {
  const bound = Object.fromEntries(Object.entries(manifest).filter(([key]) => !FREE.includes(key)));
  return createHmac('sha256', secret)
    .update(JSON.stringify(inOrder(bound)))
    .digest();
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

function secretFile(): string {
  const local = process.env['LOCALAPPDATA'];
  const folder =
    process.env['XDG_STATE_HOME'] ?? (process.platform === 'win32' && local !== undefined ? local : join(homedir(), '.local/state'));
  return join(folder, 'pats-backup', 'seal-secret');
}

async function readSecret(): Promise<Buffer | null> {
  const secret = await readFile(secretFile()).catch(() => null);
  return secret?.length === SECRET_BYTES ? secret : null;
}

/** Two programs may make it at once: the first one's counts. */
async function makeSecret(): Promise<Buffer | null> {
  const file = secretFile();
  const own = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(own, randomBytes(SECRET_BYTES), { flag: 'wx', mode: 0o600 });
    await chmod(own, 0o600).catch(() => undefined);
    await link(own, file).catch(() => undefined);
    return await readSecret();
  } catch {
    return null;
  } finally {
    await rm(own, { force: true });
  }
}
