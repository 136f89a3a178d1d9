// Whether git leaves the backups folder alone, and the line that makes it do so.
import { join, relative } from 'node:path';
import { isIgnored } from '../git/git';
import type { Project } from '../project/project';
import type { Environment } from './environment';

export interface IgnoreState {
  /** null: there is no git, it cannot be asked, or the folder lies outside of the project. */
  readonly ignored: boolean | null;
  /** Absolute path of the file that would get the line. */
  readonly file: string;
  readonly line: string;
}

/** Asks git about the backups folder of a project. */
export async function readIgnoreState(_env: Environment, { root, backups }: Project): Promise<IgnoreState> {
  const way = relative(root, backups).split('\\').join('/');
  const isInside = way !== '' && !way.startsWith('..') && !/^[a-z]:/i.test(way);
  return { ignored: isInside ? await isIgnored(root, backups) : null, file: join(root, '.gitignore'), line: `/${way}/` };
}
