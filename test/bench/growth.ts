// How the time of a row grows with the size of the data.
import { rmSync } from 'node:fs';
import { inTurns, median } from './measure';
import { emptyDatabase, engine, fillDatabase, fillUploads, forget, newPlace } from './places';

export interface Growth {
  readonly what: string;
  /** Milliseconds for each megabyte, or for each hundred files. */
  readonly at: readonly { readonly size: string; readonly each: number }[];
}

export async function growthRows(megabytes: readonly number[], counts: readonly number[]): Promise<Growth[]> {
  const databases: { size: string; each: number }[] = [];
  for (const size of megabytes) {
    const place = newPlace(`growth-${size}`);
    fillDatabase(place, size);
    databases.push({ size: `${size} MB`, each: (await timeOf(place.root, place)) / size });
    rmSync(place.root, { recursive: true });
  }
  const uploads: { size: string; each: number }[] = [];
  const next: { size: string; each: number }[] = [];
  for (const count of counts) {
    const place = newPlace(`growth-files-${count}`);
    emptyDatabase(place);
    fillUploads(place, count, 2000);
    uploads.push({ size: `${count} files`, each: (await timeOf(place.root, place)) / (count / 100) });
    next.push({ size: `${count} files`, each: (await timeOf(place.root)) / (count / 100) });
    rmSync(place.root, { recursive: true });
  }
  const rows = [
    { what: 'backup of a database, each MB', at: databases },
    { what: 'first backup of uploads, each hundred files', at: uploads },
    { what: 'next backup of unchanged uploads, each hundred files', at: next },
  ];
  rows.forEach(({ what, at }) => {
    process.stdout.write(`${what}: ${at.map(({ size, each }) => `${each.toFixed(2)} ms at ${size}`).join(', ')}\n`);
  });
  return rows;
}

/** With a place, every backup is the first one. */
async function timeOf(root: string, place?: Parameters<typeof forget>[0]): Promise<number> {
  let number = 0;
  const work = {
    name: 'ours',
    before: () => (place === undefined ? undefined : forget(place)),
    run: () => engine.create({ root }, { trigger: 'manual', name: `${place === undefined ? 'next' : 'first'}-${++number}` }),
  };
  return median((await inTurns([work], 3)).get('ours')?.wall ?? []);
}
