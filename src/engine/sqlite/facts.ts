// What the header of an open database says about it.
import type { Connection } from './connection';

export interface SnapshotFacts {
  readonly pageSize: number;
  readonly pageCount: number;
  readonly userVersion: number;
  readonly applicationId: number;
  /** Of the live database: "wal", "delete", ... */
  readonly journalMode: string;
}

export function readFacts(db: Connection): SnapshotFacts {
  return {
    pageSize: numberOf(db, 'page_size'),
    pageCount: numberOf(db, 'page_count'),
    userVersion: numberOf(db, 'user_version'),
    applicationId: numberOf(db, 'application_id'),
    journalMode: String(db.pragma('journal_mode', { simple: true })),
  };
}

export function numberOf(db: Connection, pragma: string): number {
  return Number(db.pragma(pragma, { simple: true }));
}
