// Prune: carries out what retention decided, and no more than what was shown.
import { BackupError } from '../errors';
import type { Project } from '../project/project';
import { removeBackup } from '../store/backups-folder';
import type { Environment } from '../store/environment';
import { isGood, listBackups } from '../store/list';
import { removeEach } from '../store/remove';
import { onlyCopies } from '../store/only-copies';
import type { Trigger } from '../store/terms';
import { DEFAULT_RETENTION, planRetention, type Retention, type RetentionPolicy } from './retention';
import { retentionOf } from './settings';
import { storedFiles } from '../store/storage';
import type { PruneDecision } from './retention';
import type { BackupEntry } from '../store/list';
import { said } from '../said';

export interface PlanPruneParams {
  /** Without one the settings decide. */
  readonly policy?: RetentionPolicy;
}

export interface PruneParams extends PlanPruneParams {
  readonly names: readonly string[];
}

/** The decision about every backup, for the preview and `--dry-run`. */
export async function planPrune(env: Environment, project: Project, { policy }: PlanPruneParams): Promise<PruneDecision[]> {
  return decide(env, project, await retentionOf(project.root, policy));
}

async function decide(env: Environment, project: Project, retention: Retention): Promise<PruneDecision[]> {
  const { backups } = await listBackups(env.disk, project.backups);
  const stored = retention.general?.maxBytes === undefined ? new Map<string, never>() : await storedFiles(env, backups);
  return withoutLoss(env, backups, (irreplaceable) => planRetention(backups, retention, env.now(), stored, irreplaceable));
}

/** Plans until no safety backup goes that holds something alone: what stays instead may be another one. */
async function withoutLoss(
  env: Environment,
  backups: readonly BackupEntry[],
  plan: (irreplaceable: ReadonlyMap<string, string>) => PruneDecision[],
): Promise<PruneDecision[]> {
  let irreplaceable = new Map<string, string>();
  for (;;) {
    const decisions = plan(irreplaceable);
    const going = new Set(decisions.filter(({ action }) => action === 'remove').map(({ name }) => name));
    const found = await onlyCopies(env, backups, going);
    if (found.size === 0) {
      return decisions;
    }
    irreplaceable = new Map([...irreplaceable, ...found]);
  }
}

/** Removes the named backups if the plan still says so; fails with REFUSED, and removes nothing, when it does not. */
export async function prune(env: Environment, project: Project, { policy, names }: PruneParams): Promise<string[]> {
  const retention = await retentionOf(project.root, policy);
  const removable = new Set(
    (await decide(env, project, retention)).filter((decision) => decision.action === 'remove').map((decision) => decision.name),
  );
  const changed = names.find((name) => !removable.has(name));
  if (changed !== undefined) {
    throw new BackupError('REFUSED', said`"${changed}" would stay by now. Nothing was removed.`, 'Look at the preview again.');
  }
  return removeEach(env, project, names);
}

/** Keeps the number of automatic backups of one kind bounded. Runs after such a backup was made; never touches another kind. */
export async function pruneAutomatic(env: Environment, project: Project, trigger: Trigger, retention: Retention): Promise<void> {
  const policy = retention.perTrigger[trigger] ?? DEFAULT_RETENTION.perTrigger[trigger];
  if (policy === undefined) {
    return;
  }
  const { backups } = await listBackups(env.disk, project.backups);
  const decisions = await withoutLoss(env, backups, (irreplaceable) =>
    planRetention(backups, { general: null, perTrigger: { [trigger]: policy } }, env.now(), new Map(), irreplaceable),
  );
  const isOfKind = (entry: BackupEntry | undefined): boolean => entry !== undefined && isGood(entry) && entry.manifest.trigger === trigger;
  for (const { name, action } of decisions) {
    if (action === 'remove' && isOfKind(backups.find((entry) => entry.name === name))) {
      await removeBackup(env.disk, project.backups, name);
    }
  }
}
