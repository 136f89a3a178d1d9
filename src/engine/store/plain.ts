// Whether a manifest is plainly one of ours: tells the many good ones without the schema, which takes its time to load and to run.
import { FILES_FILE, FOLDERS_FILE, LONGEST_PATH, TRIGGERS } from './terms';

type Test = (value: unknown) => boolean;

const LONG = 10_000;
const TIME = /^-?\d{1,19}$/;
const TIMESTAMP = /^\d{8}_\d{6}$/;

const isText: Test = (value) => typeof value === 'string' && value.length <= LONG;
const isFlag: Test = (value) => typeof value === 'boolean';
const isCount: Test = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isNumber: Test = (value) => Number.isSafeInteger(value);
/** By codes: of thousands of files, an expression takes much longer. */
const isHash: Test = (value) => {
  if (typeof value !== 'string' || value.length !== 64) {
    return false;
  }
  for (let at = 0; at < 64; at++) {
    const code = value.charCodeAt(at);
    if (code < 0x30 || code > 0x66 || (code > 0x39 && code < 0x61)) {
      return false;
    }
  }
  return true;
};
const isTime: Test = (value) => typeof value === 'string' && TIME.test(value);
const isPath: Test = (value) => isText(value) && value !== '' && (value as string).length <= LONGEST_PATH;
const isMode: Test = (value) => isCount(value) && (value as number) <= 0o7777;
const isOwner: Test = (value) => isCount(value) && (value as number) <= 0xffffffff;
const isName: Test = (value) => typeof value === 'string' && value.length <= 255;
const isShort: Test = (value) => typeof value === 'string' && value.length <= 64;

const or =
  (test: Test, other: unknown): Test =>
  (value) =>
    value === other || test(value);
const listOf =
  (test: Test, most = 1000): Test =>
  (value) =>
    Array.isArray(value) && value.length <= most && value.every(test);

/** Each field that is there passes its test, no field is unknown, and none of `needed` is missing. */
function record(needed: Record<string, Test>, others: Record<string, Test> = {}): Test {
  const tests = new Map(Object.entries({ ...needed, ...others }));
  const names = Object.keys(needed);
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return false;
    }
    let found = 0;
    for (const name of Object.keys(value)) {
      const test = tests.get(name);
      if (test?.((value as Record<string, unknown>)[name]) !== true) {
        return false;
      }
      found += name in needed ? 1 : 0;
    }
    return found === names.length;
  };
}

const isFile = record(
  { path: isPath, size: isCount, mtime: isTime, ctime: isTime, sha256: isHash },
  { mode: isMode, uid: isOwner, gid: isOwner, hardLink: isPath, sparse: isFlag },
);
const isFolder = record({ path: isPath, mtime: isTime, mode: isMode }, { uid: isOwner, gid: isOwner });
const isReason = record({ path: isText, reason: isText });
const isPart = record({ name: isText, size: isCount, sha256: isHash });
const isRevision = record({ tool: or(isText, null), revisions: listOf(isText), heads: listOf(isText) });
const isGit = record({ branch: or(isText, null), commit: or(isText, null), dirty: isFlag }, { subject: or(isText, null) });
const isDatabase = record(
  {
    source: isText,
    size: isCount,
    sha256: isHash,
    page_size: isCount,
    user_version: isNumber,
    application_id: isNumber,
    journal_mode: isText,
  },
  {
    mode: isMode,
    uid: isOwner,
    gid: isOwner,
    live: listOf(isText),
    foreign_key_violations: isCount,
    unchecked: listOf(isText),
    indexes: listOf(isText),
    tables: listOf(record({ name: isText, rows: isCount, sha256: isHash })),
    damaged: isFlag,
    side_files: listOf(isPart, 10),
  },
);
const isUploads = record({ source: isText, folder: isName, existed: isFlag });
const isSafety = record({
  restored: isText,
  database: (value) => value === 'present' || value === 'absent' || value === 'untouched',
  uploads: (value) => value === 'present' || value === 'untouched',
});
const MOST = 100_000;
const MOST_LISTED = 10_000_000;

const isFileListRecord = record({ file: (value) => value === FILES_FILE, count: isCount, size: isCount, sha256: isHash });
const isFolderListRecord = record({ file: (value) => value === FOLDERS_FILE, count: isCount, sha256: isHash });

/** Only fields that we know, each as the schema wants it. false: the schema decides. */
export const isPlainManifest = record(
  {
    backup_name: (value) => isText(value) && value !== '',
    timestamp: (value) => typeof value === 'string' && TIMESTAMP.test(value),
    created_at: (value) => isShort(value) && (value as string).length >= 10,
    alembic_revision: or(isText, null),
    database_file: or(isName, null),
    uploads_included: isFlag,
    backup_version: isShort,
  },
  {
    trigger: (value) => TRIGGERS.some((trigger) => trigger === value),
    note: isText,
    pinned: isFlag,
    sequence: isCount,
    git: or(isGit, null),
    migrations: isRevision,
    database: or(isDatabase, null),
    uploads: listOf(isUploads),
    files: (value) => listOf(isFile, MOST)(value) || isFileListRecord(value),
    folders: (value) => listOf(isFolder, MOST)(value) || isFolderListRecord(value),
    links: listOf(record({ path: isPath, target: isPath }, { mtime: isTime, uid: isOwner, gid: isOwner }), MOST),
    skipped: listOf(isReason, MOST),
    partial: listOf(isReason, MOST),
    safety: isSafety,
    content_read_at: isText,
    unkept: listOf(isText),
    imported_at: isText,
    seal: isText,
    created_by: isText,
  },
);

/** The same of the lists that backups of many files have beside their manifest. */
export const isPlainFileList = listOf(isFile, MOST_LISTED);
export const isPlainFolderList = listOf(isFolder, MOST_LISTED);

/** And of the record of a verification. */
export const isPlainVerification = record(
  { at: isText, depth: (value) => value === 'normal' || value === 'full' || value === 'deep', ok: isFlag, problems: listOf(isText) },
  { damaged: listOf(isText), readAt: isText },
);
