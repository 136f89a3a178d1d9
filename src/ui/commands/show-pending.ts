// "Show Pending Migrations": brings the view "Schema" to the front, where a click opens a migration.
import type { CommandParts } from './parts';
import type { Handler } from './handler';

export function showPending({ schema, states }: CommandParts): Handler {
  return async () => {
    await states.refresh();
    await schema.show();
  };
}
