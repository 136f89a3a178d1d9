// Where a path can be meant that a file of the application writes: what is relative counts from where the program is started.
import { dirname, isAbsolute, resolve } from 'node:path';

/** Absolute, the likeliest first: from the folder of the file, then from each above it up to the root; never one of these itself. */
export function placesOf(written: string, file: string, root: string): string[] {
  if (isAbsolute(written)) {
    return [written];
  }
  const bases = [dirname(file)];
  for (let folder = dirname(file); folder.length > root.length; folder = dirname(folder)) {
    bases.push(dirname(folder));
  }
  return bases.map((base) => resolve(base, written)).filter((place) => !bases.includes(place));
}
