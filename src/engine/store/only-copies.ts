// Safety backups that hold what no other backup does: rows and files that a restore replaced may be nowhere else.
import { join } from 'node:path';
import { samePages } from '../sqlite/same-pages';
import type { Environment } from './environment';
import { isGood, type BackupEntry, type GoodBackup } from './list';
import { readFileList } from './manifest-file';
import { said } from '../said';

/** What one backup holds, by content. */
interface Holdings {
  /** sha256 of every upload -> one path of it; null: unknown. */
  readonly files: ReadonlyMap<string, string> | null;
  /** "path -> target". */
  readonly links: ReadonlySet<string>;
}

/**
 * Which safety backups among those that are going (names out of the list, newest first) must stay, each with the reason. Of
 * several that hold the same, the newest stays. What cannot be read counts as the only copy.
 */
export async function onlyCopies(
  env: Environment,
  entries: readonly BackupEntry[],
  going: ReadonlySet<string>,
): Promise<Map<string, string>> {
  const known = new Map<string, Promise<Holdings>>();
  const holdingsOf = (entry: GoodBackup): Promise<Holdings> => {
    const held = known.get(entry.name) ?? readHoldings(env, entry);
    known.set(entry.name, held);
    return held;
  };
  const reasons = new Map<string, string>();
  const good = entries.filter(isGood);
  const isCandidate = ({ name, manifest }: GoodBackup): boolean => going.has(name) && manifest.trigger === 'safety';
  let others = good.filter((entry) => entry.verification?.ok !== false && (!going.has(entry.name) || isCandidate(entry)));
  for (const entry of good.filter(isCandidate).reverse()) {
    const rest = others.filter(({ name }) => name !== entry.name);
    const what = await heldOnlyBy(entry, rest, holdingsOf);
    if (what === null) {
      others = rest;
    } else {
      reasons.set(entry.name, said`no other backup holds ${what}: remove it by hand`);
    }
  }
  return reasons;
}

/** The first thing that no other backup has; null: they have all of it. */
async function heldOnlyBy(
  entry: GoodBackup,
  others: readonly GoodBackup[],
  holdingsOf: (entry: GoodBackup) => Promise<Holdings>,
): Promise<string | null> {
  if (entry.manifest.database_file !== null && !others.some((other) => hasSameDatabase(entry, other))) {
    return 'the database as it was before that restore';
  }
  const { files, links } = await holdingsOf(entry);
  if (files === null) {
    return 'its uploads, as far as is known';
  }
  const missing = new Map(files);
  const unlinked = new Set(links);
  for (const other of others) {
    if (missing.size + unlinked.size === 0) {
      break;
    }
    const held = await holdingsOf(other);
    held.files?.forEach((_path, sha256) => missing.delete(sha256));
    held.links.forEach((link) => unlinked.delete(link));
  }
  const [path] = missing.values();
  return path ?? [...unlinked][0] ?? null;
}

/** Counters aside, which every restore raises. */
function hasSameDatabase(first: GoodBackup, second: GoodBackup): boolean {
  const [one, other] = [first.manifest, second.manifest];
  if (one.database_file === null || other.database_file === null || other.database?.damaged === true) {
    return false;
  }
  if (one.database?.size !== other.database?.size) {
    return false;
  }
  try {
    return samePages(join(first.path, one.database_file), join(second.path, other.database_file));
  } catch {
    return false;
  }
}

async function readHoldings(env: Environment, { path, manifest }: GoodBackup): Promise<Holdings> {
  const links = new Set((manifest.links ?? []).map((link) => `${link.path} -> ${link.target}`));
  if (!manifest.uploads_included) {
    return { files: new Map(), links };
  }
  const files = await readFileList(env.disk, path, manifest).catch(() => null);
  return { files: files === null ? null : new Map(files.map((file) => [file.sha256, file.path])), links };
}
