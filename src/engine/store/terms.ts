// The names and numbers of the format on disk that are needed without reading it: files, kinds of backups, limits.
export const MANIFEST_FILE = 'backup_metadata.json';
/** Holds the file list of a backup with many uploads; the manifest then names its hash. */
export const FILES_FILE = 'backup_files.json';
/** Holds the list of folders of a backup with many, in the same way. */
export const FOLDERS_FILE = 'backup_folders.json';
export const FORMAT_VERSION = '1.2';

export const TRIGGERS = ['manual', 'auto', 'pre-migration', 'safety', 'scheduled', 'agent'] as const;
export type Trigger = (typeof TRIGGERS)[number];

/** Of a path that a manifest can list: the longest that Linux knows. */
export const LONGEST_PATH = 4096;
