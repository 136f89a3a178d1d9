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

/** Which application will stand still, and why it is done through a service where the data are files of this machine. */
export async function stoppingWarnings({ delivery, throughService }: Project): Promise<Warning[]> {
  const names = (await delivery?.foresee().catch(() => [])) ?? [];
  const way =
    throughService === undefined
      ? []
      : [
          warning(
            'THROUGH_SERVICE',
            said`This user may not replace all of these files: the restore is done through the service ${throughService.service}, and they keep their owners.`,
          ),
        ];
  return names.length === 0
    ? way
    : [
        ...way,
        warning(
          'CONTAINERS_STOPPED',
          said`For the restore, these containers are stopped, and started again afterwards: ${names.join(', ')}.`,
        ),
      ];
}
