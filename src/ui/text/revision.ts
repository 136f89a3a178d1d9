// Revisions for people: one, several, none.
import type { Manifest } from '../../engine/engine';
import { t } from '@vscode/l10n';

/** The revisions that a backup's manifest records. */
export function revisionsOf(manifest: Manifest): readonly string[] {
  // Format 1.0 has one field for all of them.
  const written = manifest.alembic_revision?.split(/\s*,\s*/).filter((revision) => revision !== '');
  return manifest.migrations?.revisions ?? written ?? [];
}

/** "1a2b3c4d5e6f", "1a2b, 3c4d" or "no revision"; a very long id is cut. */
export function revisionText(revisions: readonly string[]): string {
  if (revisions.length === 0) {
    return t('no revision');
  }
  return revisions.map((revision) => (revision.length > 24 ? `${revision.slice(0, 23)}…` : revision)).join(', ');
}

/** Whether two databases stand at the same revisions. */
export function isSameRevision(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((revision) => other.includes(revision));
}
