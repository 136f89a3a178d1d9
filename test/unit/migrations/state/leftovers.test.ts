// What a migration that failed half way leaves in the database, and what is advised.
import assert from 'node:assert/strict';
import { syncCommands } from '../../../../src/engine/migrations/state/state';
import { alembicProject, rows } from '../../../support/alembic-project';
import { schemaOf } from '../../../support/migrations-project';
import { newForEachTest } from '../../../support/stand-in';

describe('The schema state', () => {
  const project = newForEachTest(() => alembicProject({ a1: 'base', b2: 'a1', c3: 'b2' }));
  const { state } = schemaOf(project);

  it('is half-applied when a failed batch migration left its temporary table', () => {
    project.sql(`${rows('b2')} CREATE TABLE users (id INTEGER); CREATE TABLE _alembic_tmp_users (id INTEGER)`);
    assert.equal(state().state, 'half-applied');
    assert.match(state().halfApplied[0] ?? '', /"users" stopped half way and left "_alembic_tmp_users".*Go back to the backup/);
    assert.deepEqual(syncCommands(state()), []);
  });

  it('never asks to drop a temporary table that may be the only copy', () => {
    project.sql(`${rows('b2')} CREATE TABLE _alembic_tmp_users (id INTEGER); INSERT INTO _alembic_tmp_users VALUES (1)`);
    assert.equal(state().state, 'half-applied');
    assert.match(state().halfApplied[0] ?? '', /may be the only copy of its rows. Do not drop it/);
  });

  it('finds the table behind a temporary name that was cut at 50 characters', () => {
    const table = 'a_table_with_a_name_that_is_longer_than_fifty_characters';
    project.sql(`${rows('b2')} CREATE TABLE ${table} (id INTEGER); CREATE TABLE ${`_alembic_tmp_${table}`.slice(0, 50)} (id INTEGER)`);
    assert.match(state().halfApplied[0] ?? '', new RegExp(`of the table "${table}"`));
  });
});
