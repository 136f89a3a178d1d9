// What a restore into containers says beforehand of those that it stops and starts again.
import { reportOf, type ErrorReport } from '../errors';
import type { Project } from '../project/project';
import { warning, type Warning } from '../warnings';
import { said } from '../said';

/** null: nothing keeps them from being stopped, or nothing has to be. */
export async function stoppingObstacle({ delivery }: Project): Promise<ErrorReport | null> {
  try {
    await delivery?.foresee();
    return null;
  } catch (error) {
    return reportOf(error);
  }
}

/** Which application will stand still. */
export async function stoppingWarnings({ delivery }: Project): Promise<Warning[]> {
  const names = (await delivery?.foresee().catch(() => [])) ?? [];
  return names.length === 0
    ? []
    : [
        warning(
          'CONTAINERS_STOPPED',
          said`For the restore, these containers are stopped, and started again afterwards: ${names.join(', ')}.`,
        ),
      ];
}
