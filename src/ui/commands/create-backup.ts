// "Create Backup": one click, named after the time, the branch and the commit.
import { takeBackup } from '../flows/creating';
import type { Parts } from '../window/parts';
import { isNode } from '../backups/nodes';
import type { Handler } from './handler';

export function createBackup(parts: Parts): Handler {
  return async (row) => {
    const project = isNode(row) ? row.project : await parts.projects.pick();
    return await takeBackup(parts, project, { trigger: 'manual', nameAfterGit: true });
  };
}
