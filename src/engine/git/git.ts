// Where the project's git checkout stands: branch, commit and whether tracked files are changed.
import { askGit, isInCheckout } from './run';
import { said } from '../said';

export interface GitState {
  /** null: detached HEAD. */
  readonly branch: string | null;
  /** Full hash; null: no commit yet. */
  readonly commit: string | null;
  /** The first line of that commit's message; null: none. */
  readonly subject: string | null;
  /** Tracked files differ from the commit. */
  readonly dirty: boolean;
}

const HEADS = 'refs/heads/';

/** The state of the checkout that `folder` is in; null when it is in none, git is not installed or refuses. */
export async function readGit(folder: string): Promise<GitState | null> {
  if (!isInCheckout(folder) || (await answer(folder, 'rev-parse', '--is-inside-work-tree')) !== 'true') {
    return null;
  }
  // By its full name: a tag may be called like the branch.
  const head = await answer(folder, 'symbolic-ref', '--quiet', 'HEAD');
  const commit = await answer(folder, 'rev-parse', '--verify', '--quiet', 'HEAD^{commit}');
  const branch = head?.startsWith(HEADS) === true ? head.slice(HEADS.length) : null;
  const subject = commit === null ? null : await subjectOf(folder, commit);
  return { branch, commit, subject, dirty: await isDirty(folder) };
}

/** Nobody reads more of it in a list. */
const LONGEST_SUBJECT = 200;

/** By plumbing, which shows no signatures whatever the configuration says; the line before it names the commit. */
async function subjectOf(folder: string, commit: string): Promise<string | null> {
  const [, subject = ''] = (await answer(folder, 'rev-list', '--max-count=1', '--format=%s', commit))?.split('\n') ?? [];
  return subject.trim() === '' ? null : subject.trim().slice(0, LONGEST_SUBJECT);
}

/** Why git says nothing about a folder that is in a checkout, in a sentence; null: it is in none, or git answers. */
export async function gitRefusal(folder: string): Promise<string | null> {
  if (!isInCheckout(folder)) {
    return null;
  }
  const { ok, complaint } = await askGit(folder, ['rev-parse', '--is-inside-work-tree']);
  if (ok) {
    return null;
  }
  if (/dubious ownership|safe\.directory/.test(complaint)) {
    return 'git refuses to look at this checkout, because it belongs to another user.';
  }
  const [first = ''] = complaint.split('\n');
  return first === ''
    ? 'git is not installed, or does not answer.'
    : said`git cannot read this checkout: ${first.replace(/^fatal: /, '')}.`;
}

/** A filter that the checkout's own configuration names is a program like any other: its files are compared as they are. */
async function isDirty(folder: string): Promise<boolean> {
  const listed = await askGit(folder, [
    'config',
    '--show-scope',
    '--name-only',
    '-z',
    '--get-regexp',
    '^filter\\..*\\.(clean|process|required)$',
  ]);
  const fields = listed.text.split('\0');
  const own = fields.filter((_field, index) => index % 2 === 1 && ['local', 'worktree'].includes(fields[index - 1] ?? ''));
  // Git cuts a setting at its first "=": such a filter cannot be switched off.
  if (own.some((name) => name.includes('='))) {
    return false;
  }
  const off = own.map((name) => (name.endsWith('.required') ? `${name}=false` : `${name}=`));
  const { ok, text } = await askGit(folder, ['status', '--porcelain', '--untracked-files=no', '--ignore-submodules=dirty'], off);
  return ok && text.trim() !== '';
}

export interface RevisionPlace {
  /** Full hash of the newest commit, on any branch, that added or removed the text. */
  readonly commit: string;
  /** Branches that contain that commit, local ones first; empty: none does any more. */
  readonly branches: readonly string[];
}

/** Nobody gives a revision a longer name. */
const LONGEST_TEXT = 200;

/** The newest commit of all branches whose change touches a line with this text in files of these endings; null: none, or no git. */
export async function findInHistory(folder: string, text: string, endings: readonly string[]): Promise<RevisionPlace | null> {
  if (!isInCheckout(folder) || text === '' || text.length > LONGEST_TEXT) {
    return null;
  }
  const patterns = endings.map((ending) => `*${ending}`);
  const search = ['log', '--all', '--max-count=1', '--format=%H', '--no-show-signature', '--no-ext-diff', '--no-textconv', `-S${text}`];
  const commit = await answer(folder, ...search, '--', ...patterns);
  if (commit === null || !/^[0-9a-f]{40,64}$/.test(commit)) {
    return null;
  }
  const listed = await answer(folder, 'for-each-ref', '--format=%(refname)', '--contains', commit, HEADS, 'refs/remotes/');
  const branches = (listed ?? '')
    .split('\n')
    .filter((ref) => ref !== '' && !ref.endsWith('/HEAD'))
    .map((ref) => ref.replace(/^refs\/(heads|remotes)\//, ''));
  return { commit, branches };
}

/** Whether git ignores a path; null: no checkout, or git cannot say. */
export async function isIgnored(folder: string, path: string): Promise<boolean | null> {
  if (!isInCheckout(folder)) {
    return null;
  }
  const { ok, text, complaint } = await askGit(folder, ['check-ignore', '--', path]);
  // No answer and no complaint: it is not ignored.
  return ok && text !== '' ? true : complaint === '' && (await answer(folder, 'rev-parse', '--git-dir')) !== null ? false : null;
}

/** git's answer without its line end; null: it has none, because there is no commit, no branch, or no git at all. */
async function answer(folder: string, ...args: readonly string[]): Promise<string | null> {
  const { ok, text } = await askGit(folder, args);
  return ok && text.trim() !== '' ? text.trim() : null;
}
