// Some of the files of an upload folder: the rest of it stays, live and in the backup.

/** Paths below the folder. */
export interface Chosen {
  /** Whether the entry itself was chosen. */
  has(path: string): boolean;
  /** Whether something below the entry was chosen. */
  isAbove(path: string): boolean;
}

/** null: all of it is chosen. */
export function chosenOf(only: readonly string[] | undefined): Chosen | null {
  if (only === undefined) {
    return null;
  }
  const paths = new Set(only);
  const above = new Set(
    only.flatMap((path) =>
      path
        .split('/')
        .slice(0, -1)
        .map((_part, index, parts) => parts.slice(0, index + 1).join('/')),
    ),
  );
  return { has: (path) => paths.has(path), isAbove: (path) => above.has(path) };
}
