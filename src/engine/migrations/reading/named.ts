// What a piece of configuration answers when it is asked for the database and the uploads: what it names, and what nobody could read.

/** One database that a piece of configuration names. */
export interface NamedDatabase {
  /** For people: where it is named, e.g. "backend/alembic.ini". */
  readonly from: string;
  /** As it is written there. */
  readonly written: string;
  /** Absolute paths it may mean, the likeliest first. */
  readonly places: readonly string[];
  /** 0: what the app uses; 1: an example of it, or not proven; 2: a database for tests; 3: another one beside the app's, e.g. a cache. */
  readonly rank: 0 | 1 | 2 | 3;
  /** The tool itself says from where a relative path counts: the places are no guess. */
  readonly isExact?: boolean;
}

/** A database is named, but only running the project could tell which. */
export interface NotUnderstood {
  /** For people, as in NamedDatabase. */
  readonly from: string;
  /** As it is written there; never with what may be a password. */
  readonly written: string;
  /** How its path ends, as far as that is written: the database has to end so, too. Empty: nothing is known. */
  readonly tail: string;
  /** Whatever else is named gives way to it: the code would take its value from there. */
  readonly isFirm?: boolean;
  /** What people are told about it, where it is more than that nobody could read it. */
  readonly sentence?: string;
}

export interface SourceAnswer {
  readonly named: readonly NamedDatabase[];
  /** Sentences about what was seen and could not be used. */
  readonly remarks: readonly string[];
  readonly notUnderstood?: readonly NotUnderstood[];
  /** Where the app is said to use another engine than SQLite. */
  readonly otherEngines?: readonly string[];
}

/** A folder with uploaded files that a piece of configuration names; absolute, need not exist. */
export interface NamedFolder {
  readonly from: string;
  readonly path: string;
}
