// What a source of discovery (alembic.ini, .env, compose file, ...) answers: the databases it names and remarks for people.

/** One database that a piece of configuration names. */
export interface NamedDatabase {
  /** For people: where it is named, e.g. "backend/alembic.ini". */
  readonly from: string;
  /** As it is written there. */
  readonly written: string;
  /** Absolute paths it may mean, the likeliest first. */
  readonly places: readonly string[];
  /** 0: what the app uses; 1: an example of it; 2: a database for tests. Only the lowest that exists counts. */
  readonly rank: 0 | 1 | 2;
}

export interface SourceAnswer {
  readonly named: readonly NamedDatabase[];
  /** Sentences about what was seen and could not be used. */
  readonly remarks: readonly string[];
}
