// Files that the system itself puts into folders that somebody looks at, or beside files whose attributes it cannot keep.

/** Of Finder, of Explorer, and of macOS on file systems without extended attributes. */
const NAMES = new Set(['.ds_store', '.localized', 'icon\r', 'thumbs.db', 'ehthumbs.db', 'desktop.ini', '.apdisk']);

/** Whether a name is that of such a file. Nobody's data is called so. */
export function isSystemFile(name: string): boolean {
  return name.startsWith('._') || NAMES.has(name.toLowerCase());
}
