// A deed on several backups, one after the other: what is done by then is told, also when a later one fails.

/** The names that were done. A failure is thrown only while nothing was done; afterwards it ends the row. */
export async function oneByOne(names: readonly string[], deed: (name: string) => Promise<void>): Promise<string[]> {
  const done: string[] = [];
  for (const name of names) {
    try {
      await deed(name);
    } catch (error) {
      if (done.length === 0) {
        throw error;
      }
      break;
    }
    done.push(name);
  }
  return done;
}
