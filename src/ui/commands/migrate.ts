// "Migrate With Backup": on a project of the view "Schema", or on the project of the window.
import type { CommandParts } from './command-parts';
import { projectOfNode } from '../schema/schema-nodes';
import type { Handler } from './handler';

export function migrate({ projects, migrations }: CommandParts): Handler {
  return async (row) => {
    const project = projectOfNode(row, projects) ?? (await projects.pick());
    return await migrations.migrate(project);
  };
}
