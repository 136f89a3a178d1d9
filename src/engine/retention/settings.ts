// The retention that the project's settings ask for, checked at the border.
import * as z from 'zod';
import { BackupError } from '../errors';
import { SETTINGS_FILE, readSettings } from '../project/settings';
import { TRIGGERS } from '../store/terms';
import { DEFAULT_RETENTION, type Retention } from './retention';
import type { RetentionPolicy } from './retention';
import { said } from '../said';

/** Put together when there is something to check: most runs have none. */
function settingSchema() {
  const count = z.number().int().min(0).optional();
  const policy = z.strictObject({
    keepLast: count,
    keepHourly: count,
    keepDaily: count,
    keepWeekly: count,
    keepMonthly: count,
    keepDays: z.number().min(0).optional(),
    maxBytes: count,
  });
  return z.strictObject({ ...policy.shape, perTrigger: z.partialRecord(z.enum(TRIGGERS), policy).optional() });
}

/** The settings' retention over the defaults; a policy given by the caller is for every backup alike. Fails with SETTINGS_INVALID. */
export async function retentionOf(root: string, policy?: RetentionPolicy): Promise<Retention> {
  if (policy !== undefined) {
    // Safety backups neither fill the places of a policy nor outlive their own bound.
    const { safety } = DEFAULT_RETENTION.perTrigger;
    return { general: policy, perTrigger: safety === undefined ? {} : { safety } };
  }
  const { retention: written, keep } = await readSettings(root);
  if ((written === undefined || written === null) && keep === undefined) {
    return DEFAULT_RETENTION;
  }
  const isObject = typeof written === 'object' && !Array.isArray(written);
  const result = settingSchema().safeParse(isObject ? { ...keep, ...written } : (written ?? keep));
  if (!result.success) {
    const issue = result.error.issues[0];
    const where = issue === undefined ? '' : ` (${issue.path.join('.')}: ${issue.message})`;
    throw new BackupError(
      'SETTINGS_INVALID',
      said`patsBackup.${keep === undefined ? 'retention' : 'retention or a patsBackup.keep setting'} in ${SETTINGS_FILE} is not understood${where}.`,
      'Correct the setting and try again. Nothing was removed.',
    );
  }
  const { perTrigger, ...general } = withoutUndefined(result.data);
  return {
    general: Object.keys(general).length === 0 ? null : general,
    perTrigger: { ...DEFAULT_RETENTION.perTrigger, ...perTrigger },
  };
}

/** Absent and undefined are one and the same to JSON, but not to the type system. */
function withoutUndefined(value: z.infer<typeof settingSchema>): RetentionPolicy & { readonly perTrigger?: Retention['perTrigger'] } {
  return JSON.parse(JSON.stringify(value)) as RetentionPolicy & { readonly perTrigger?: Retention['perTrigger'] };
}
