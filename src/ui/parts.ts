// What the commands work with: the parts of the extension, built once in extension.ts.
import type * as vscode from 'vscode';
import type { Engine } from '../engine/engine';
import type { Migrations } from './migrating/migrate';
import type { Operations } from './operations';
import type { Projects } from './projects';
import type { ReadOnlyText } from './read-only-text';
import type { SchemaView } from './schema/schema-view';
import type { ProjectStates } from './schema/states';
import type { BackupsView } from './views/backups-view';

export interface Parts {
  readonly engine: Engine;
  readonly projects: Projects;
  readonly operations: Operations;
  readonly backups: BackupsView;
  readonly log: vscode.LogOutputChannel;
}

/** What commands about the schema work with as well. */
export interface SchemaParts extends Parts {
  readonly states: ProjectStates;
  readonly schema: SchemaView;
  readonly migrations: Migrations;
  readonly documents: ReadOnlyText;
}
