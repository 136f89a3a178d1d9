// Compose's own answer to what its files say: `docker compose config`, which needs no daemon.
import { spawnSync } from 'node:child_process';
import type { ComposeFiles } from './files';
import { dataOf, isData, type Data } from './document';
import { canWorkOut, composeCommand, fileOptions } from './program';
import { said } from '../said';

export type Answer =
  | { readonly kind: 'config'; readonly data: Data }
  /** Compose does not accept the files; its reason in its own words. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** There is no Compose that can be asked. */
  | { readonly kind: 'absent' };

const ASK_MS = 5_000;
const MAX_ANSWER = 8 * 1024 * 1024;
const ABSENT = /unknown (?:docker )?command|is not a docker command|unknown (?:shorthand )?flag|no such option|unknown option|usage:/i;

/** Asks once. Remote files are not fetched: whoever includes some gets no answer. */
export function askCompose(files: ComposeFiles): Answer {
  if (!canWorkOut()) {
    return { kind: 'absent' };
  }
  const [program = 'docker', ...first] = composeCommand().split(' ');
  const { status, stdout, stderr, error } = spawnSync(
    program,
    [...first, ...fileOptions(files, files.folder), 'config', '--format', 'json'],
    {
      cwd: files.folder,
      encoding: 'utf8',
      timeout: ASK_MS,
      maxBuffer: MAX_ANSWER,
      windowsHide: true,
      env: { ...process.env, PWD: files.folder, COMPOSE_EXPERIMENTAL_GIT_REMOTE: 'false', COMPOSE_EXPERIMENTAL_OCI_REMOTE: 'false' },
    },
  );
  if (error !== undefined || status === null || (status !== 0 && ABSENT.test(stderr))) {
    return { kind: 'absent' };
  }
  if (status !== 0) {
    const lines = stderr.split('\n').filter((line) => line.trim() !== '' && !/level=warning/.test(line));
    return { kind: 'refused', reason: lines.at(-1)?.trim() ?? said`exit code ${status}` };
  }
  try {
    const data: unknown = JSON.parse(stdout);
    return isData(data) && isData(data['services']) ? { kind: 'config', data: dataOf(undoubled(data)) } : { kind: 'absent' };
  } catch {
    return { kind: 'absent' };
  }
}

/** Compose writes its answer so that it could be read again: each `$` twice. */
function undoubled(value: unknown): unknown {
  if (typeof value === 'string') {
    return value.replaceAll('$$', '$');
  }
  if (Array.isArray(value)) {
    return value.map(undoubled);
  }
  return isData(value) ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, undoubled(each)])) : value;
}
