// Where each migration stands in a drawing of their history: newest first, one row each, branches side by side in lanes.
import type { MigrationMap } from '../../engine/engine';

type Entry = MigrationMap['migrations'][number];

export interface Place {
  readonly row: number;
  readonly lane: number;
}

export interface Lanes {
  /** Newest first. */
  readonly rows: readonly { readonly entry: Entry; readonly lane: number }[];
  /** From each migration to those it stands on. */
  readonly edges: readonly { readonly from: Place; readonly to: Place }[];
  /** How many lanes there are. */
  readonly width: number;
}

/** A lane is kept from the first migration that stands on another one down to that one, so that no line crosses a dot. */
export function lanesOf(migrations: readonly Entry[]): Lanes {
  const lanes: (string | null)[] = [];
  const place = (revision: string | null): number => {
    const free = lanes.indexOf(null);
    const lane = free < 0 ? lanes.length : free;
    lanes[lane] = revision;
    return lane;
  };
  const rows = [...migrations].reverse().map((entry) => {
    const kept = lanes.indexOf(entry.revision);
    const lane = kept < 0 ? place(null) : kept;
    lanes[lane] = null;
    for (const parent of entry.parents) {
      if (!lanes.includes(parent)) {
        if (lanes[lane] === null) {
          lanes[lane] = parent;
        } else {
          place(parent);
        }
      }
    }
    return { entry, lane };
  });
  const places = new Map(rows.map(({ entry, lane }, row) => [entry.revision, { row, lane }]));
  const edges = rows.flatMap(({ entry, lane }, row) =>
    entry.parents.flatMap((parent) => {
      const to = places.get(parent);
      return to === undefined ? [] : [{ from: { row, lane }, to }];
    }),
  );
  return { rows, edges, width: rows.reduce((width, { lane }) => Math.max(width, lane + 1), 0) };
}
