// The text of files as they are at a commit, in one run of git.
import { askGit } from './run';

export interface CommittedFile {
  /** Relative to the folder that was asked about. */
  readonly path: string;
  readonly text: string;
}

/** A hash, or the commit before that one: never an option of git. */
const COMMIT = /^[0-9a-f]{7,64}(?:~1)?$/;

/** The files of the checkout's `folder` at `commit` that match git's path patterns, e.g. "db/*.py"; empty when git cannot say. */
export async function filesAt(folder: string, commit: string, patterns: readonly string[]): Promise<CommittedFile[]> {
  if (!COMMIT.test(commit)) {
    return [];
  }
  // An empty pattern is in every line.
  const { ok, text } = await askGit(folder, ['grep', '--no-color', '--no-textconv', '-I', '-z', '-e', '', commit, '--', ...patterns]);
  const texts = new Map<string, string[]>();
  for (const line of ok ? text.split('\n') : []) {
    const end = line.indexOf('\0');
    if (end > commit.length) {
      const path = line.slice(commit.length + 1, end);
      const lines = texts.get(path) ?? [];
      lines.push(line.slice(end + 1));
      texts.set(path, lines);
    }
  }
  return [...texts].map(([path, lines]) => ({ path, text: lines.join('\n') }));
}
