// Whether the backups folder and what lies in it are in order.
import { existsSync, statfsSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import { isIgnored } from '../git/git';
import type { Project } from '../project/project';
import { ifOnlyWriter, isOwnStage, STAGE_PREFIX } from '../store/backups-folder';
import type { Environment } from '../store/environment';
import { isGood, listBackups } from '../store/list';
import { createdAt } from '../store/order';
import { foresee, liveOf } from '../restore/recover';
import { ok, problem, warning, type Finding } from './finding';
import { keepsModes } from '../files/kinds';
import { here } from '../platform/platform';
import { isWritable, ownerAdvice } from './writable';
import { said } from '../said';

const DAY = 24 * 60 * 60 * 1000;
const OLD_DAYS = 7;

export async function checkFolder(_env: Environment, project: Project): Promise<Finding[]> {
  const { backups } = project;
  const topic = 'Backups folder';
  if (!existsSync(backups)) {
    return [ok(topic, said`${backups} will be made with the first backup.`)];
  }
  if (!isWritable(backups)) {
    return [problem(topic, said`This user may not write ${backups}.`, ownerAdvice(project, backups))];
  }
  const findings: Finding[] = [];
  const others = statSync(backups).mode & 0o077;
  if (!here.isWindows && others !== 0 && keepsModes(statfsSync(backups).type)) {
    findings.push(warning(topic, said`Other users of this machine may look into ${backups}.`, said`Run: chmod 700 "${backups}"`));
  }
  const isFree = await ifOnlyWriter(backups, liveOf(project), () => Promise.resolve(true));
  findings.push(
    isFree === null
      ? warning(topic, 'Another backup or restore is running now.', 'Wait until it has finished.')
      : ok(topic, said`${backups} can be written, and nobody holds its lock.`),
  );
  if ((await isIgnored(project.root, backups)) === false) {
    const entry = `/${relative(project.root, backups).split('\\').join('/')}/`;
    findings.push(
      warning(topic, 'git does not ignore the backups folder: data could be committed.', said`Add the line ${entry} to .gitignore.`),
    );
  }
  return findings;
}

export async function checkLeftovers(env: Environment, project: Project): Promise<Finding[]> {
  const topic = 'Interrupted runs';
  const { actions, waiting } = await foresee(env, project);
  const names = (await env.disk.list(project.backups).catch(() => [])).filter((name) => name.startsWith(STAGE_PREFIX));
  const own = names.filter((name) => isOwnStage(project.backups, name)).length;
  const findings = [
    ...(waiting === null ? [] : [problem(topic, waiting.message, waiting.remedy)]),
    ...actions
      .filter((action) => action !== waiting?.message)
      .map((action) => warning(topic, action, 'Nothing: the next command does it.')),
    ...(own === 0 ? [] : [warning(topic, said`${own} unfinished backups were left behind.`, 'Nothing: the next backup removes them.')]),
    ...(own === names.length
      ? []
      : [
          warning(
            topic,
            said`${names.length - own} entries in ${project.backups} look unfinished, but were not made by this user on this machine.`,
            'They are left alone. Delete them yourself if you know that nobody needs them.',
          ),
        ]),
  ];
  return findings.length === 0 ? [ok(topic, 'Nothing was left behind.')] : findings;
}

export async function checkBackups(env: Environment, project: Project): Promise<Finding[]> {
  const { backups } = await listBackups(env.disk, project.backups);
  const broken = backups.filter((entry) => !isGood(entry));
  const newest = backups.filter(isGood).find((entry) => entry.manifest.database?.damaged !== true && entry.manifest.trigger !== 'safety');
  const findings = broken.map((entry) =>
    warning(
      'Backups',
      said`${entry.name} is not a complete backup. ${entry.reason ?? ''}`,
      'Delete the folder when you no longer need it.',
    ),
  );
  if (newest === undefined) {
    return [...findings, warning('Backups', 'There is no good backup yet.', 'Create one.')];
  }
  const days = Math.floor((env.now().getTime() - createdAt(newest.manifest)) / DAY);
  findings.push(
    days >= OLD_DAYS
      ? warning('Backups', said`The newest good backup is ${days} days old.`, 'Create a new one.')
      : ok('Backups', said`The newest good backup is ${newest.name}.`),
  );
  const failedOnes = backups.filter((entry) => entry.verification?.ok === false);
  findings.push(
    ...failedOnes.map((entry) =>
      problem(
        'Backups',
        said`${entry.name} failed its last verification: ${entry.verification?.problems[0] ?? ''}`,
        'Repair it, or create a new backup.',
      ),
    ),
  );
  return findings;
}
