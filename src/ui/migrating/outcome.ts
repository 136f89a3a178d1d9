// What became of a migration, judged from the state before and after it and from SQLite's checks. Knows no editor.
import type { CreatedBackup, LiveCheck, Status } from '../../engine/engine';

export type SchemaChange = LiveCheck['schemaChanges'][number];

export interface Evidence {
  /** undefined: the command was ended before it said anything. */
  readonly exitCode: number | undefined;
  readonly backup: Pick<CreatedBackup, 'backup_name' | 'database'>;
  readonly before: Pick<Status, 'revisions'>;
  /** null: could not be read. */
  readonly after: Pick<Status, 'revisions' | 'state' | 'pending' | 'halfApplied'> | null;
  /** null: could not be run. */
  readonly check: LiveCheck | null;
}

/** Something that speaks against keeping the database as it is now. */
export type Trouble =
  | { readonly kind: 'exit'; readonly exitCode: number | undefined }
  | { readonly kind: 'half-applied'; readonly traces: readonly string[] }
  | { readonly kind: 'left-behind'; readonly changes: readonly SchemaChange[] }
  | { readonly kind: 'damaged'; readonly problems: readonly string[] }
  | { readonly kind: 'foreign-keys'; readonly count: number }
  | { readonly kind: 'unreadable' };

/** Everything that went wrong, the cause first; empty: the migration succeeded. */
export function troubles({ exitCode, backup, before, after, check }: Evidence): readonly Trouble[] {
  // Violations that were there before are not the migration's.
  const violations = (check?.foreignKeyViolations ?? 0) - (backup.database?.foreign_key_violations ?? 0);
  const hasMoved = after === null || after.revisions.join() !== before.revisions.join();
  const changes = exitCode === 0 || hasMoved ? [] : (check?.schemaChanges ?? []);
  const found: (Trouble | false)[] = [
    exitCode !== 0 && { kind: 'exit', exitCode },
    after?.state === 'half-applied' && { kind: 'half-applied', traces: after.halfApplied },
    changes.length > 0 && { kind: 'left-behind', changes },
    check !== null && check.problems.length > 0 && { kind: 'damaged', problems: check.problems },
    violations > 0 && { kind: 'foreign-keys', count: violations },
    (after === null || check === null) && { kind: 'unreadable' },
  ];
  return found.filter((trouble) => trouble !== false);
}
