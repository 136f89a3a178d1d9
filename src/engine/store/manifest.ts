// The format of backup_metadata.json: the seven fields of format 1.0 and what 1.1 and 1.2 add (docs/backup-format.md).
import * as z from 'zod';
import { FILES_FILE, FOLDERS_FILE, LONGEST_PATH, TRIGGERS } from './terms';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const bytes = z.number().int().nonnegative();
/** Whatever a stranger writes is shown, kept and sent on: it is no longer than anybody needs. */
const text = z.string().max(10_000);
const texts = z.array(text).max(1000);
const MOST_ENTRIES = 1_000_000;

const path = z.string().min(1).max(LONGEST_PATH);
/** Nanoseconds since 1970 as a decimal string: a double cannot hold them. */
const time = z.string().regex(/^-?\d{1,19}$/);
/** POSIX permission bits of the live file, e.g. 420 for 0644. */
const mode = z.number().int().nonnegative().max(0o7777);
/** Numbers of owner and group; 1.2. */
const owner = z.number().int().nonnegative().max(0xffffffff).optional();

/** A path below an uploads folder of the backup, `/`-separated; checked where it is used, see files/paths. */
const fileEntry = z.looseObject({
  path,
  size: bytes,
  mtime: time,
  ctime: time,
  sha256,
  mode: mode.optional(),
  uid: owner,
  gid: owner,
  /** The path of another entry: live, both were names of one file. */
  hardLink: path.optional(),
  /** The live file had holes. */
  sparse: z.boolean().optional(),
});
export type FileEntry = z.infer<typeof fileEntry>;
export const fileList = z.array(fileEntry);

/** An uploads folder of the backup itself, or a folder below it. */
const folderEntry = z.looseObject({ path, mtime: time, mode, uid: owner, gid: owner });
export type FolderEntry = z.infer<typeof folderEntry>;
export const folderList = z.array(folderEntry);

const skippedEntry = z.looseObject({ path: text, reason: text });
export type SkippedEntry = z.infer<typeof skippedEntry>;

const linkEntry = z.looseObject({ path, target: z.string().max(LONGEST_PATH), mtime: time.optional(), uid: owner, gid: owner });
export type LinkEntry = z.infer<typeof linkEntry>;

/** Format 1.0, as the old PATS scripts write and read it. */
const base = {
  backup_name: text.min(1),
  /** Local time, YYYYMMDD_HHMMSS. */
  timestamp: z.string().regex(/^\d{8}_\d{6}$/),
  /** ISO 8601. */
  created_at: z.string().min(10).max(64),
  alembic_revision: text.nullable(),
  database_file: z.string().max(255).nullable(),
  uploads_included: z.boolean(),
  backup_version: z.string().max(64),
};

const additions = {
  trigger: z.enum(TRIGGERS).optional(),
  note: text.optional(),
  pinned: z.boolean().optional(),
  /** Counts up with every backup of a folder, so that a clock that jumps back does not change the order. */
  sequence: z.number().int().nonnegative().optional(),
  git: z
    .looseObject({
      branch: text.nullable(),
      commit: text.nullable(),
      /** The first line of the commit's message. */
      subject: text.nullable().optional(),
      dirty: z.boolean(),
    })
    .nullable()
    .optional(),
  migrations: z.looseObject({ tool: text.nullable(), revisions: texts, heads: texts }).optional(),
  database: z
    .looseObject({
      /** Where the database was, relative to the project. */
      source: text,
      size: bytes,
      sha256,
      page_size: bytes,
      user_version: z.number().int(),
      application_id: z.number().int(),
      journal_mode: text,
      /** Of the live file, for a restore that has to make it anew. */
      mode: mode.optional(),
      uid: owner,
      gid: owner,
      /** Sizes and times of the live files, when nobody wrote while the snapshot was taken: equal ones mean unchanged. */
      live: texts.optional(),
      foreign_key_violations: z.number().int().nonnegative().optional(),
      /** What SQLite could not check or make use of, a sentence each, e.g. a table that needs its application's functions. */
      unchecked: texts.optional(),
      /** Indexes that did not fit the rows of their tables, in SQLite's words. */
      indexes: texts.optional(),
      /** Tables with rows of their own, as they are stored: see sqlite/digest. */
      tables: z
        .array(z.looseObject({ name: text, rows: bytes, sha256 }))
        .max(1000)
        .optional(),
      /** The live database was damaged: this is a copy of it as it was, not a good snapshot. */
      damaged: z.boolean().optional(),
      /** Side files kept with a damaged copy, e.g. "pats.db-wal". */
      side_files: z
        .array(z.looseObject({ name: text, size: bytes, sha256 }))
        .max(10)
        .optional(),
    })
    .nullable()
    .optional(),
  /** One entry per uploads folder: where it was (relative to the project) and its folder in the backup. */
  uploads: z
    .array(z.looseObject({ source: text, folder: z.string().max(255), existed: z.boolean() }))
    .max(1000)
    .optional(),
  /** Uploaded files; `path` starts with the folder in the backup. In FILES_FILE when there are many. */
  files: z.union([fileList, z.looseObject({ file: z.literal(FILES_FILE), count: bytes, size: bytes, sha256 })]).optional(),
  folders: z.union([folderList, z.looseObject({ file: z.literal(FOLDERS_FILE), count: bytes, sha256 })]).optional(),
  links: z.array(linkEntry).max(MOST_ENTRIES).optional(),
  /** Sockets, FIFOs, devices and links that a backup does not hold. */
  skipped: z.array(skippedEntry).max(MOST_ENTRIES).optional(),
  /** What could not be read: the backup is usable, but not all of it is there. */
  partial: z.array(skippedEntry).max(MOST_ENTRIES).optional(),
  /** In a safety backup: the restore it was taken for. */
  safety: z
    .looseObject({
      restored: text,
      database: z.enum(['present', 'absent', 'untouched']),
      uploads: z.enum(['present', 'untouched']),
    })
    .optional(),
  /** ISO 8601: the content of no upload in it was last read before this; shared files are not read when they are shared. */
  content_read_at: text.optional(),
  /** What of the files besides their bytes could not be kept, in sentences. */
  unkept: texts.optional(),
  /** ISO 8601: when it came out of an exported file. */
  imported_at: text.optional(),
  /** Proof that this user's own program wrote it, where a restore must know: see store/seal. */
  seal: text.optional(),
  created_by: text.optional(),
};

export const manifestSchema = z.looseObject({ ...base, ...additions });
export type Manifest = z.infer<typeof manifestSchema>;
