// What somebody agreed to who has read the plan of a restore: that backup and no other, with the damage the plan names.
import type { RestoreParams, RestorePlan } from '../../engine/engine';

/** Names the backup of the plan, so that one made meanwhile does not take its place. */
export function agreedParams({ backup, scope, problems }: RestorePlan): RestoreParams {
  return { name: backup.name, scope, ...(problems.length > 0 && { ignoreDamage: true }) };
}
