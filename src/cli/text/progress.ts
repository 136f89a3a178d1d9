// The one line of the progress bar.
import type { Phase, Progress } from '../../engine/operation';
import { sizeText } from './words';

const PHASES: Record<Phase, string> = {
  recover: 'Finishing an earlier run',
  verify: 'Verifying the backup',
  database: 'Copying the database',
  uploads: 'Copying uploads',
  hash: 'Hashing',
  check: 'Checking',
  compare: 'Comparing',
  safety: 'Creating a safety backup',
  stage: 'Preparing',
  replace: 'Replacing',
  publish: 'Finishing',
};
const LABEL_WIDTH = Math.max(...Object.values(PHASES).map((label) => label.length));

/** "Copying the database  [#####-----]  50%  1.2 MB of 2.4 MB", within the width of the terminal. */
export function progressText(progress: Progress, width: number): string {
  const label = PHASES[progress.phase].padEnd(LABEL_WIDTH);
  if (progress.totalBytes <= 0) {
    return cut(progress.doneBytes > 0 ? `${label}  ${sizeText(progress.doneBytes)}` : label, width);
  }
  const share = Math.min(1, progress.doneBytes / progress.totalBytes);
  const amounts = `${String(Math.floor(share * 100)).padStart(3)}%  ${sizeText(progress.doneBytes)} of ${sizeText(progress.totalBytes)}`;
  const length = Math.min(30, width - LABEL_WIDTH - 'Copying 999 KB of 999 KB 100%'.length - 4);
  const bar = length >= 5 ? `[${'#'.repeat(Math.round(share * length)).padEnd(length, '-')}] ` : '';
  return cut(`${label}  ${bar}${amounts}`, width);
}

function cut(text: string, width: number): string {
  return text.slice(0, Math.max(10, width - 1));
}
