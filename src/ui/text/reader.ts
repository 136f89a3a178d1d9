// For whom and when a text is written.

/** How the reader's clock and language stand. */
export interface Reader {
  readonly now: Date;
  readonly locale: string;
}
