// The doctor's look at restores: what would stand in the way of one, and whether there is room for it.
import { existsSync, statSync } from 'node:fs';
import { throughService } from '../containers/through-service';
import { SPACE_MARGIN } from '../create/create';
import type { Project } from '../project/project';
import { stoppingObstacle } from '../restore/stopping';
import { findLeftovers } from '../restore/leftovers';
import { obstaclesNow } from '../restore/obstacles';
import { roomObstacles } from '../restore/room';
import { keptWarnings, liveTarget, restoreTarget, targetProject } from '../restore/target';
import { remarksOn } from '../restore/uploads-obstacles';
import type { Environment } from '../store/environment';
import { isGood, listBackups } from '../store/list';
import { ok, problem, warning, type Finding } from './finding';
import { said } from '../said';

/** What would keep any restore of the live data from being done, and what an earlier one could not remove. */
export async function checkObstacles(env: Environment, project: Project): Promise<Finding[]> {
  const topic = 'Restore';
  if (project.databasePlace !== undefined && project.delivery === undefined) {
    // Why it is out of reach is said of the database.
    return [];
  }
  const obstacle = await stoppingObstacle(project);
  if (obstacle !== null) {
    return [problem(topic, obstacle.message, obstacle.remedy)];
  }
  const target = liveTarget(project);
  const way = throughService(project);
  const found = way === null ? await obstaclesNow(env, target) : [];
  const remarks = [...keptWarnings(target), ...(await remarksOn(env, target))];
  const { garbage } = await findLeftovers(env, project);
  const findings = [
    ...found.map((message) => problem(topic, message, 'Put this right before you need a restore.')),
    ...remarks.map(({ message }) => warning(topic, message, 'Nothing.')),
    ...garbage.map((root) =>
      warning(topic, said`${root} holds old copies of a restore.`, 'The next backup removes it, or its owner, or root.'),
    ),
  ];
  return findings.length > 0
    ? findings
    : [
        way === null
          ? ok(topic, 'Nothing stands in the way of a restore.')
          : ok(topic, said`Nothing stands in the way of a restore through the service ${way.service}.`),
      ];
}

/** Whether the newest good backup could be restored with the room that there is on each file system. */
export async function checkSpace(env: Environment, project: Project): Promise<Finding[]> {
  const topic = 'Disk space';
  const place = existsSync(project.backups) ? project.backups : project.root;
  const free = await env.disk.freeBytes(place);
  const mb = Math.floor(free / 1024 / 1024);
  const amount = mb < 10 * 1024 ? said`${mb} MB` : said`${Math.floor(mb / 1024)} GB`;
  const remedy = 'Free some disk space or prune old backups.';
  const needed = SPACE_MARGIN + 2 * (project.database === null ? 0 : (statSync(project.database, { throwIfNoEntry: false })?.size ?? 0));
  if (free < needed) {
    return [problem(topic, said`Only ${amount} are free.`, remedy)];
  }
  const newest =
    existsSync(project.backups) && project.databasePlace === undefined
      ? (await listBackups(env.disk, project.backups)).backups.find(isGood)
      : undefined;
  const lacking = newest === undefined ? [] : await lackingFor(env, project, newest);
  return lacking.length === 0
    ? [ok(topic, said`${amount} are free.`)]
    : lacking.map((message) => problem(topic, said`For a restore of ${newest?.name ?? ''}, ${message}`, remedy));
}

async function lackingFor(env: Environment, project: Project, backup: Parameters<typeof restoreTarget>[1]): Promise<string[]> {
  let target;
  try {
    target = restoreTarget(project, backup, 'all');
  } catch {
    // Where it belongs is not known: the restore itself says so.
    return [];
  }
  return roomObstacles(env, targetProject(project, target), target, backup);
}
