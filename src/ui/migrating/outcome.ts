// What became of a migration, judged from the state before and after it and from SQLite's checks. Knows no editor.
import type { Evidence, Trouble } from '../text/migration';

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
