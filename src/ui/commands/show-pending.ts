// "Show Pending Migrations": brings the view "Schema" to the front, where a click opens a migration.
import type { SchemaParts } from '../parts';
import type { Handler } from './handler';

export function showPending({ schema, states }: SchemaParts): Handler {
  return async () => {
    await states.refresh();
    await schema.show();
  };
}
