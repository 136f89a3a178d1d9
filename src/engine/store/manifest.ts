// The format of backup_metadata.json: the seven fields of format 1.0 and what 1.1 adds (docs/backup-format.md).
import { z } from 'zod';

export const MANIFEST_FILE = 'backup_metadata.json';
/** Holds the file list of a backup with many uploads; the manifest then names its hash. */
export const FILES_FILE = 'backup_files.json';
export const FORMAT_VERSION = '1.1';

export const TRIGGERS = ['manual', 'auto', 'pre-migration', 'safety', 'scheduled', 'agent'] as const;
export type Trigger = (typeof TRIGGERS)[number];

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const bytes = z.number().int().nonnegative();

/** A path below an uploads folder of the backup, `/`-separated; checked where it is used, see files/paths. */
const fileEntry = z.looseObject({
  path: z.string().min(1).max(4096),
  size: bytes,
  /** Nanoseconds since 1970 as a decimal string: a double cannot hold them. */
  mtime: z.string().regex(/^-?\d{1,20}$/),
  ctime: z.string().regex(/^-?\d{1,20}$/),
  sha256,
  /** POSIX permission bits of the live file, e.g. 420 for 0644. */
  mode: z.number().int().nonnegative().max(0o7777).optional(),
});
export type FileEntry = z.infer<typeof fileEntry>;
export const fileList = z.array(fileEntry);

const skippedEntry = z.looseObject({ path: z.string(), reason: z.string() });
export type SkippedEntry = z.infer<typeof skippedEntry>;

const linkEntry = z.looseObject({ path: z.string().min(1).max(4096), target: z.string().max(4096) });
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
  /** ISO 8601: when it came out of an exported file. */
  imported_at: z.string().optional(),
  created_by: z.string().optional(),
});

export const manifestSchema = z.intersection(base, additions);
export type Manifest = z.infer<typeof base> & z.infer<typeof additions>;
