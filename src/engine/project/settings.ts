// The `patsBackup.*` settings that say where things are, read from the workspace folder's own settings file.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findNodeAtLocation, getNodeValue, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import { BackupError } from '../errors';
import { isTooDeep } from '../limits/nesting';
import { MOST_CONFIGURATION_BYTES } from '../limits/sizes';
import { decodedText } from '../platform/text';
import { said } from '../said';

export const SETTINGS_FILE = '.vscode/settings.json';

/** As written: not expanded. Empty values count as not set. */
export interface ProjectSettings {
  readonly database?: string;
  readonly uploads?: readonly string[];
  readonly backups?: string;
  readonly migrateCommand?: string;
  /** As written; `retention/settings` checks it. */
  readonly retention?: unknown;
  /** The rules that have a setting of their own, by their name in `retention`; as written. */
  readonly keep?: Readonly<Record<string, unknown>>;
  /** As written; days, `create/sharing` checks it. */
  readonly verifyEvery?: unknown;
}

/** Reads the settings; without a settings file there are none. Fails with SETTINGS_INVALID, naming file and line. */
export async function readSettings(root: string): Promise<ProjectSettings> {
  const text = await readSettingsFile(join(root, SETTINGS_FILE));
  if (text === null || text.trim() === '') {
    return {};
  }
  if (isTooDeep(text)) {
    throw invalid(text, 0, 'has brackets too deep in one another');
  }
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const first = errors[0];
  if (first) {
    throw invalid(text, first.offset, said`is not valid JSON (${printParseErrorCode(first.error)})`);
  }
  if (tree?.type !== 'object') {
    throw invalid(text, 0, 'is not a JSON object');
  }
  const database = textSetting(tree, text, 'patsBackup.database');
  const backups = textSetting(tree, text, 'patsBackup.backupsFolder');
  const migrateCommand = textSetting(tree, text, 'patsBackup.migrateCommand', 'a command in quotes')?.trim();
  const uploads = listSetting(tree, text, 'patsBackup.uploads');
  const retention = findNodeAtLocation(tree, ['patsBackup.retention']);
  const verifyEvery = findNodeAtLocation(tree, ['patsBackup.verifyEvery']);
  const keep = keepSettings(tree);
  return {
    ...(database && { database }),
    ...(backups && { backups }),
    ...(migrateCommand && { migrateCommand }),
    ...(uploads && uploads.length > 0 && { uploads }),
    ...(retention && { retention: getNodeValue(retention) as unknown }),
    ...(Object.keys(keep).length > 0 && { keep }),
    ...(verifyEvery && { verifyEvery: getNodeValue(verifyEvery) as unknown }),
  };
}

/** Number settings of the settings editor, which cannot edit the rules inside of an object. */
const KEEP = ['keepLast', 'keepHourly', 'keepDaily', 'keepWeekly', 'keepMonthly', 'keepDays'];

function keepSettings(tree: Node): Record<string, unknown> {
  const written = KEEP.map((rule) => [rule, findNodeAtLocation(tree, [`patsBackup.${rule}`])] as const);
  return Object.fromEntries(
    written.flatMap(([rule, node]) => (node && node.type !== 'null' ? [[rule, getNodeValue(node) as unknown]] : [])),
  );
}

async function readSettingsFile(file: string): Promise<string | null> {
  try {
    const stats = await stat(file);
    // Opening a FIFO would wait for its writer for ever.
    if (!stats.isFile()) {
      throw unreadable();
    }
    if (stats.size > MOST_CONFIGURATION_BYTES) {
      throw new BackupError(
        'SETTINGS_INVALID',
        said`${SETTINGS_FILE} is larger than 256 kB and was not read.`,
        'Make the file smaller, then try again.',
      );
    }
    return decodedText(await readFile(file));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return null;
    }
    throw error instanceof BackupError ? error : unreadable(error);
  }
}

function unreadable(cause?: unknown): BackupError {
  const remedy = 'Check that it is a file and that you may read it, then try again.';
  return new BackupError('SETTINGS_INVALID', said`${SETTINGS_FILE} cannot be read.`, remedy, { cause });
}

function textSetting(tree: Node, text: string, key: string, what = 'a path in quotes'): string | undefined {
  const node = findNodeAtLocation(tree, [key]);
  if (!node || node.type === 'null') {
    return undefined;
  }
  return stringOf(node, text, said`${key} must be ${what}`);
}

function listSetting(tree: Node, text: string, key: string): string[] | undefined {
  const node = findNodeAtLocation(tree, [key]);
  if (!node || node.type === 'null') {
    return undefined;
  }
  if (node.type !== 'array') {
    throw invalid(text, node.offset, said`${key} must be a list of folders, such as ["backend/uploads"]`);
  }
  return (node.children ?? [])
    .map((child) => stringOf(child, text, said`${key} must hold only paths in quotes`))
    .filter((path) => path !== '');
}

function stringOf(node: Node, text: string, rule: string): string {
  const value: unknown = node.value;
  if (typeof value !== 'string' || value.includes('\0')) {
    throw invalid(text, node.offset, rule);
  }
  return value;
}

function invalid(text: string, offset: number, what: string): BackupError {
  const line = text.slice(0, offset).split('\n').length;
  return new BackupError(
    'SETTINGS_INVALID',
    said`${SETTINGS_FILE}, line ${line}: ${what}.`,
    said`Correct line ${line} of ${SETTINGS_FILE} and try again.`,
  );
}
