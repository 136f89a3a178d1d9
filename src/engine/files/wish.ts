// Attributes are a wish, bytes a must: what a file system refuses is counted and said once, and nothing fails.
import { errnoOf } from './disk';
import { said } from '../said';

/** Failures of the disk itself, which are never a mere refusal. */
const FAILURES = new Set(['', 'EIO', 'ENOSPC', 'EDQUOT', 'ENOENT', 'EROFS', 'ENODEV', 'ENXIO', 'ESTALE']);

type WishKind = 'mode' | 'owner' | 'times';

/** What was refused, by kind: how often, and the first path. */
export class Wishes {
  private readonly refused = new Map<WishKind, { count: number; first: string }>();

  /** Tries to set an attribute. A refusal is counted under `name`; a failing disk fails. */
  async try(kind: WishKind, name: string, set: () => Promise<void>): Promise<boolean> {
    try {
      await set();
      return true;
    } catch (error) {
      if (FAILURES.has(errnoOf(error))) {
        throw error;
      }
      this.miss(kind, name);
      return false;
    }
  }

  /** Counts what could not even be tried. */
  miss(kind: WishKind, name: string): void {
    const { count, first } = this.refused.get(kind) ?? { count: 0, first: name };
    this.refused.set(kind, { count: count + 1, first });
  }

  /** A sentence for each kind that was refused. */
  warnings(): string[] {
    return [...this.refused].map(([kind, { count, first }]) => {
      const what = count === 1 ? first : said`${first} and ${count - 1} more`;
      switch (kind) {
        case 'mode':
          return said`The permissions of ${what} could not be set.`;
        case 'owner':
          return said`The owner or group of ${what} could not be set: only root can give files to another user.`;
        case 'times':
          return said`The modification time of ${what} could not be set.`;
      }
    });
  }
}

/** Tries to set an attribute that nobody misses where the file system refuses it. */
export async function wish(set: () => Promise<void>): Promise<void> {
  await new Wishes().try('mode', '', set);
}
