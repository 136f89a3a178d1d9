// Files that are copies of a database by their names: set aside by hand, by a script or by a date.
import { basename, dirname } from 'node:path';

const COPY =
  /~$|\.(?:bak|backup|bkp|old|orig|original|copy|save[d]?|sav|tmp|temp|snapshot|dump|restored?|\d{6,})\d*$|(?:[-_. ](?:bak|backup|bkp|old|orig|copy|kopie|prev(?:ious)?|save[d]?|snapshot|restored?|before[-_.\w]*|pre[-_][-_.\w]*)\d*|\s?\((?:\d+|copy(?: \d+)?)\)| - copy(?: ?\(\d+\))?| copy(?: \d+)?)(?=\.\w+$|$)/i;
const BESIDE_COPY = /(?:bak|backup|bkp|old|orig|copy|before|pre)[-_.]?/i;
const DATED = /\d{4}[-_.]?\d{2}[-_.]?\d{2}|\d{10,}/;
const FOLDER = /^(?:.*[-_.])?(?:backups?|bak|bkp|dumps?|archives?d?|snapshots?|old|trash)$/i;

/** Whether a file, given relative to the project, is a copy; `others` are the databases beside it. */
export function isCopy(path: string, others: readonly string[]): boolean {
  const name = basename(path);
  const folders = dirname(path).split(/[\\/]/);
  if (COPY.test(name) || folders.some((folder) => FOLDER.test(folder))) {
    return true;
  }
  const stems = others.filter((other) => other !== name).map(stemOf);
  const prefix = BESIDE_COPY.exec(name);
  const isPrefixed = prefix?.index === 0 && stems.includes(stemOf(name.slice(prefix[0].length)));
  return isPrefixed || (DATED.test(name) && stems.some((stem) => stem !== '' && !DATED.test(stem) && name.startsWith(stem)));
}

/** `app.db.1` and `app-2024-01-01.db` are named after `app.db`. */
function stemOf(name: string): string {
  return name.replace(/\.(?:db|db3|sqlite|sqlite3|s3db)$/i, '');
}
