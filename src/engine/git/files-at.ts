// The text of files as they are at a commit, in one run of git.
import type { SimpleGit } from 'simple-git';

const PATIENCE = 10_000;

export interface CommittedFile {
  /** Relative to the folder that was asked about. */
  readonly path: string;
  readonly text: string;
}

/** The files of the checkout's `folder` at `commit` that match git's path patterns, e.g. "db/*.py"; empty when git cannot say. */
export async function filesAt(folder: string, commit: string, patterns: readonly string[]): Promise<CommittedFile[]> {
  const { simpleGit } = await import('simple-git');
  const git: SimpleGit = simpleGit({ baseDir: folder, timeout: { block: PATIENCE } });
  try {
    // An empty pattern is in every line.
    const lines = await git.raw(['grep', '--no-color', '-I', '-z', '-e', '', commit, '--', ...patterns]);
    const texts = new Map<string, string[]>();
    for (const line of lines.split('\n')) {
      const end = line.indexOf('\0');
      if (end > commit.length) {
        const path = line.slice(commit.length + 1, end);
        const text = texts.get(path) ?? [];
        text.push(line.slice(end + 1));
        texts.set(path, text);
      }
    }
    return [...texts].map(([path, text]) => ({ path, text: text.join('\n') }));
  } catch {
    return [];
  }
}
