// "Migrate With Backup": on a project of the view "Schema", or on the project of the window.
import type { CommandParts } from './parts';
import { projectOfNode } from '../schema/nodes';
import type { Handler } from './handler';

export function migrate({ projects, migrations }: CommandParts): Handler {
  return async (row) => {
    const project = projectOfNode(row, projects) ?? (await projects.pick());
    return await migrations.migrate(project);
  };
}
