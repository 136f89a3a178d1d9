// What the commands work with besides the parts that everything in the window shares.
import type { Migrations } from '../migrating/migrate';
import type { Parts } from '../window/parts';
import type { Pages } from '../window/pages';
import type { StoredFiles } from '../window/stored-files';
import type { SchemaView } from '../schema/view';
import type { ProjectStates } from '../schema/states';

export interface CommandParts extends Parts {
  readonly states: ProjectStates;
  readonly schema: SchemaView;
  readonly migrations: Migrations;
  readonly pages: Pages;
  readonly stored: StoredFiles;
}
