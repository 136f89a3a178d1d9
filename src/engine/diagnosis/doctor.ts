// The doctor: looks at everything that can stand in the way of a backup or a restore, and changes nothing.
import { leftPaused, withContainers } from '../containers/copies';
import { checkProject } from '../project/check';
import { discover } from '../project/discovery/discovery';
import type { Project, ProjectRequest } from '../project/project';
import type { Environment } from '../store/environment';
import { retentionOf } from '../retention/settings';
import { failed, ok, warning, type Finding } from './finding';
import { checkObstacles, checkSpace } from './restorable';
import { aboutChoice } from './choice';
import { checkBackups, checkFolder, checkLeftovers } from './kept';
import { checkDatabaseFile, checkUploads } from './live-data';
import { checkContainer, checkGit, checkMigrations } from './surroundings';
import { said } from '../said';

export type { Finding } from './finding';

type Check = (env: Environment, project: Project) => Promise<Finding[]> | Finding[];

/** Everything that was looked at. A check that fails itself is a finding too. */
export async function examine(env: Environment, request: ProjectRequest): Promise<Finding[]> {
  let project: Project;
  const findings: Finding[] = [];
  try {
    const discovery = await discover(request);
    project = discovery.project;
    findings.push(...aboutChoice(discovery));
    await checkProject(project);
    findings.push(ok('Settings', 'Settings and paths fit together.'));
    await retentionOf(project.root);
  } catch (error) {
    return [...findings, failed('Settings', error)];
  }
  const checks: Record<string, Check> = {
    Database: checkDatabaseFile,
    Uploads: checkUploads,
    'Backups folder': checkFolder,
    'Interrupted runs': checkLeftovers,
    Backups: checkBackups,
    'Disk space': checkSpace,
    Git: checkGit,
    Migrations: checkMigrations,
    Container: checkContainer,
    Restore: checkObstacles,
  };
  const asleep = leftPaused();
  return withContainers(project, 'look', async (reached) => {
    const about =
      asleep.length === 0 ? [] : [warning('Container', pausedText(asleep), 'Nothing: they have been woken, or are by the next run.')];
    findings.push(...about);
    for (const [topic, check] of Object.entries(checks)) {
      try {
        findings.push(...(await check(env, reached)));
      } catch (error) {
        findings.push(failed(topic, error));
      }
    }
    return findings;
  });
}

function pausedText(ids: readonly string[]): string {
  return said`A run that was killed had left these containers paused: ${ids.map((id) => id.slice(0, 12)).join(', ')}.`;
}
