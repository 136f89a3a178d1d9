// What is around the data: git, migrations, the container that has the database open.
import { relative } from 'node:path';
import { findContainer } from '../containers/container';
import { gitRefusal, readGit } from '../git/git';
import { readSchemaState } from '../migrations/state/state';
import type { Project } from '../project/project';
import type { Environment } from '../store/environment';
import { ok, problem, warning, type Finding } from './finding';
import { said } from '../said';

export async function checkGit(_env: Environment, project: Project): Promise<Finding[]> {
  const state = await readGit(project.root);
  const refusal = state === null ? await gitRefusal(project.root) : null;
  if (refusal !== null) {
    const advice = refusal.includes('another user')
      ? said`If you trust it, run: git config --global --add safe.directory "${project.root}"`
      : 'Ask git itself with: git status';
    return [warning('Git', said`${refusal} Backups are named by time only.`, advice)];
  }
  if (state === null) {
    return [ok('Git', 'The project is in no git checkout: backups are named by time only.')];
  }
  return [ok('Git', gitSentence(state.branch ?? 'a detached HEAD', state.commit?.slice(0, 7) ?? null, state.dirty))];
}

function gitSentence(branch: string, commit: string | null, isDirty: boolean): string {
  if (commit === null) {
    return isDirty ? said`Working on ${branch}, with uncommitted changes.` : said`Working on ${branch}.`;
  }
  return isDirty ? said`Working on ${branch} at ${commit}, with uncommitted changes.` : said`Working on ${branch} at ${commit}.`;
}

export function checkMigrations(_env: Environment, project: Project): Finding[] {
  const state = readSchemaState(project);
  const findings = state.problems.map((each) =>
    warning(
      'Migrations',
      each.file === undefined
        ? each.message
        : said`${relative(project.root, each.file)}${each.line === undefined ? '' : `:${each.line}`}: ${each.message}`,
      each.file === undefined && project.databasePlace !== undefined ? 'See what is said of the database.' : 'Correct the file.',
    ),
  );
  findings.push(...state.halfApplied.map((trace) => problem('Migrations', trace, 'Restore the backup from before the migration.')));
  return findings.length > 0
    ? findings
    : [
        ok(
          'Migrations',
          state.tool === null
            ? 'No migration tool was recognised.'
            : said`${state.tool}: ${state.state === 'current' ? 'up to date' : state.state}.`,
        ),
      ];
}

export async function checkContainer(_env: Environment, project: Project): Promise<Finding[]> {
  const topic = 'Container';
  const container = await findContainer(project);
  if (container === null) {
    return [ok(topic, 'No compose service mounts the database.')];
  }
  const { service, running, stop, start, locksMayNotCross } = container;
  if (running !== true) {
    const state = running === null ? 'could not tell whether it is running' : 'it is not running';
    return [ok(topic, said`The compose service ${service} mounts the database; ${state}.`)];
  }
  const message = said`The compose service ${service} mounts the database and is running.`;
  return locksMayNotCross
    ? [warning(topic, said`${message} SQLite's locks may not reach into it.`, said`Stop it around a restore: ${stop}, later ${start}`)]
    : [ok(topic, message)];
}
