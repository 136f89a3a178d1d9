// The format of backup_metadata.json: the seven fields of format 1.0 and what 1.1 and 1.2 add (docs/backup-format.md).
import { z } from 'zod';

export const MANIFEST_FILE = 'backup_metadata.json';
/** Holds the file list of a backup with many uploads; the manifest then names its hash. */
export const FILES_FILE = 'backup_files.json';
/** Holds the list of folders of a backup with many, in the same way. */
export const FOLDERS_FILE = 'backup_folders.json';
export const FORMAT_VERSION = '1.2';

export const TRIGGERS = ['manual', 'auto', 'pre-migration', 'safety', 'scheduled', 'agent'] as const;
export type Trigger = (typeof TRIGGERS)[number];

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const bytes = z.number().int().nonnegative();

/** Of what a manifest can list: the longest that Linux knows. */
export const LONGEST_PATH = 4096;
const path = z.string().min(1).max(LONGEST_PATH);
/** Nanoseconds since 1970 as a decimal string: a double cannot hold them. */
const time = z.string().regex(/^-?\d{1,20}$/);
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

const skippedEntry = z.looseObject({ path: z.string(), reason: z.string() });
export type SkippedEntry = z.infer<typeof skippedEntry>;

const linkEntry = z.looseObject({ path, target: z.string().max(LONGEST_PATH), mtime: time.optional(), uid: owner, gid: owner });
export type LinkEntry = z.infer<typeof linkEntry>;

/** Format 1.0, as the old PATS scripts write and read it. */
const base = z.looseObject({
  backup_name: z.string().min(1),
  /** Local time, YYYYMMDD_HHMMSS. */
  timestamp: z.string().regex(/^\d{8}_\d{6}$/),
  /** ISO 8601. */
  created_at: z.string().min(10),
  alembic_revision: z.string().nullable(),
  database_file: z.string().nullable(),
  uploads_included: z.boolean(),
  backup_version: z.string(),
});

const additions = z.looseObject({
  trigger: z.enum(TRIGGERS).optional(),
  note: z.string().optional(),
  pinned: z.boolean().optional(),
  /** Counts up with every backup of a folder, so that a clock that jumps back does not change the order. */
  sequence: z.number().int().nonnegative().optional(),
  git: z.looseObject({ branch: z.string().nullable(), commit: z.string().nullable(), dirty: z.boolean() }).nullable().optional(),
  migrations: z.looseObject({ tool: z.string().nullable(), revisions: z.array(z.string()), heads: z.array(z.string()) }).optional(),
  database: z
    .looseObject({
      /** Where the database was, relative to the project. */
      source: z.string(),
      size: bytes,
      sha256,
      page_size: bytes,
      user_version: z.number().int(),
      application_id: z.number().int(),
      journal_mode: z.string(),
      /** Of the live file, for a restore that has to make it anew. */
      mode: mode.optional(),
      uid: owner,
      gid: owner,
      /** Sizes and times of the live files, when nobody wrote while the snapshot was taken: equal ones mean unchanged. */
      live: z.array(z.string()).optional(),
      foreign_key_violations: z.number().int().nonnegative().optional(),
      /** The live database was damaged: this is a copy of it as it was, not a good snapshot. */
      damaged: z.boolean().optional(),
      /** Side files kept with a damaged copy, e.g. "pats.db-wal". */
      side_files: z.array(z.looseObject({ name: z.string(), size: bytes, sha256 })).optional(),
    })
    .nullable()
    .optional(),
  /** One entry per uploads folder: where it was (relative to the project) and its folder in the backup. */
  uploads: z.array(z.looseObject({ source: z.string(), folder: z.string(), existed: z.boolean() })).optional(),
  /** Uploaded files; `path` starts with the folder in the backup. In FILES_FILE when there are many. */
  files: z.union([fileList, z.looseObject({ file: z.literal(FILES_FILE), count: bytes, size: bytes, sha256 })]).optional(),
  folders: z.union([folderList, z.looseObject({ file: z.literal(FOLDERS_FILE), count: bytes, sha256 })]).optional(),
  links: z.array(linkEntry).optional(),
  /** Sockets, FIFOs, devices and links that a backup does not hold. */
  skipped: z.array(skippedEntry).optional(),
  /** What could not be read: the backup is usable, but not all of it is there. */
  partial: z.array(skippedEntry).optional(),
  /** In a safety backup: the restore it was taken for. */
  safety: z
    .looseObject({
      restored: z.string(),
      database: z.enum(['present', 'absent', 'untouched']),
      uploads: z.enum(['present', 'untouched']),
    })
    .optional(),
  /** What of the files besides their bytes could not be kept, in sentences. */
  unkept: z.array(z.string()).optional(),
  /** ISO 8601: when it came out of an exported file. */
  imported_at: z.string().optional(),
  /** Proof that this user's own program wrote it, where a restore must know: see store/seal. */
  seal: z.string().optional(),
  created_by: z.string().optional(),
});

export const manifestSchema = z.intersection(base, additions);
export type Manifest = z.infer<typeof base> & z.infer<typeof additions>;
