// The files of a project and what is in them, for readers that need no more of a look.
import type { ProjectFolder } from '../tool';
import { lookOf } from './look';

export { entriesOf, isFile, textOf } from './look';

/** Absolute paths of the project's files; walked once for each look. */
export function filesOf(project: ProjectFolder): readonly string[] {
  return lookOf(project).files;
}
