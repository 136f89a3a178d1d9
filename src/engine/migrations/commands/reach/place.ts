// Where a command runs: on this machine or in a container, with its folder, its variables and its paths.

export interface Place {
  /** Absolute, as paths are there. */
  readonly folder: string;
  /** A variable as programs see it there, without what they load from `.env` themselves. */
  variable(name: string): string | undefined;
  /** The path that a file of this machine has there; null: it is not there. */
  there(file: string): string | null;
  /** The file of this machine that a path there is; null: none that is known. */
  here(path: string): string | null;
}

/** Where a tool would find its database if it ran in a place. */
export type Reach =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'engine'; readonly name: string }
  /** Only running the project could tell; the reason continues "..., because". */
  | { readonly kind: 'unknown'; readonly why: string };

export function unknownReach(why: string): Reach {
  return { kind: 'unknown', why };
}

/** This machine, with a folder to run in. */
export function onThisMachine(folder: string): Place {
  return { folder, variable: (name) => process.env[name], there: (file) => file, here: (path) => path };
}
