// The doctor: looks at everything that can stand in the way of a backup or a restore, and changes nothing.
import { accessSync, constants, existsSync, statSync, statfsSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { findContainer } from '../containers/container';
import { leftPaused, withContainers } from '../containers/copies';
import { reportOf } from '../errors';
import { gitRefusal, isIgnored, readGit } from '../git/git';
import { readSchemaState } from '../migrations/state/state';
import { checkProject } from '../project/check';
import { discover } from '../project/discovery/discovery';
import { outOfReach, placeOf } from '../project/out-of-reach';
import { shown } from '../project/paths';
import type { Discovery, Project, ProjectRequest } from '../project/project';
import { ifOnlyWriter, isOwnStage, STAGE_PREFIX } from '../store/backups-folder';
import type { Environment } from '../store/environment';
import { createdAt, isGood, listBackups } from '../store/list';
import { foresee, liveOf } from '../restore/recover';
import { retentionOf } from '../retention/settings';
import { checkLive } from '../verify/live';
import { ok, problem, warning, type Finding } from './finding';
import { checkObstacles, checkSpace } from './restorable';
import { keepsModes } from '../files/kinds';
import { gnuTools } from '../files/system-tools';
import { here } from '../platform/platform';

export type { Finding } from './finding';

type Check = (env: Environment, project: Project) => Promise<Finding[]> | Finding[];

const DAY = 24 * 60 * 60 * 1000;
const OLD_DAYS = 7;

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
  return `A run that was killed had left these containers paused: ${ids.map((id) => id.slice(0, 12)).join(', ')}.`;
}

function failed(topic: string, error: unknown): Finding {
  const { message, remedy } = reportOf(error);
  return problem(topic, message, remedy);
}

/** Why this database, and why not the others. */
function aboutChoice({ project: { root }, candidates, question, notProtected, uploadsLookLike }: Discovery): Finding[] {
  const topic = 'Choice';
  const named = (path: string, reasons: readonly string[]): string => `${shown(path, root)}: ${reasons.join('; ')}.`;
  const chosen = candidates.find((each) => each.chosen);
  const others = candidates.filter((each) => !each.chosen).map(({ path, reasons }) => named(path, reasons));
  return [
    ...(question === null
      ? []
      : [
          warning(
            topic,
            `${question} These were considered. ${others.join(' ')}`,
            'Choose one with --database, or keep the choice as patsBackup.database in .vscode/settings.json.',
          ),
        ]),
    ...(chosen === undefined
      ? []
      : [ok(topic, [named(chosen.path, chosen.reasons), ...(others.length > 0 ? ['Not chosen:', ...others] : [])].join(' '))]),
    ...(notProtected.length === 0
      ? []
      : [
          warning(
            topic,
            `Not protected: ${notProtected.map((path) => shown(path, root)).join(', ')}.`,
            'Nothing, if they can be made again. Backups hold one database: choose it with patsBackup.database.',
          ),
        ]),
    ...(uploadsLookLike.length === 0
      ? []
      : [
          warning(
            'Uploads',
            `These folders look like uploads, but no backup holds them: ${uploadsLookLike.map((path) => shown(path, root)).join(', ')}.`,
            'Name the folders with uploads in patsBackup.uploads.',
          ),
        ]),
  ];
}

async function checkDatabaseFile(env: Environment, project: Project): Promise<Finding[]> {
  const { database } = project;
  const topic = 'Database';
  if (database === null && project.databasePlace !== undefined) {
    return [failed(topic, outOfReach(project.databasePlace, project.outOfReach))];
  }
  if (database === null || !existsSync(database)) {
    const what = database === null ? 'No database was found.' : `There is no database at ${placeOf(project) ?? database}.`;
    return [problem(topic, what, 'Start the application once, or set patsBackup.database.')];
  }
  const findings: Finding[] = [];
  const { problems, warnings } = await checkLive(env, project, {});
  findings.push(
    problems[0] === undefined
      ? ok(topic, `${placeOf(project) ?? database} can be read, and SQLite finds nothing wrong with it.`)
      : problem(topic, `${damageText(database, problems[0])}.`, 'Restore a good backup.'),
    ...warnings.map((each) => warning(topic, each, 'Nothing, if the application works: backups hold it all the same.')),
  );
  if (project.databasePlace !== undefined) {
    return findings;
  }
  if (!isWritable(database) || !isWritable(dirname(database))) {
    findings.push(
      problem(topic, `This user may not write ${database} or its folder, so that it cannot be restored.`, ownerAdvice(database)),
    );
  }
  const remote = await env.disk.remoteKind(database);
  if (remote !== null) {
    findings.push(
      warning(
        topic,
        `It lies on a ${remote} file system, where locks may not reach the program that writes to it.`,
        'Stop the application while you restore.',
      ),
    );
  }
  return findings;
}

/** SQLite's words for what is wrong inside, or a sentence about the file itself. */
function damageText(database: string, found: string): string {
  return [database, basename(database)].some((name) => found.startsWith(name))
    ? found
    : `${database} is damaged: ${found.replace(/\s+/g, ' ')}`;
}

async function checkUploads(_env: Environment, project: Project): Promise<Finding[]> {
  if (project.uploads.length === 0) {
    return [
      warning(
        'Uploads',
        'No uploads folder was found: backups will hold the database only.',
        'If the project has uploads, set patsBackup.uploads.',
      ),
    ];
  }
  const findings = project.uploads.map((folder) => {
    if (!existsSync(folder)) {
      return warning(
        'Uploads',
        `${project.copies?.[folder] ?? folder} does not exist (yet).`,
        'Nothing, if the application makes it with the first upload.',
      );
    }
    return isWritable(folder)
      ? ok('Uploads', `${project.copies?.[folder] ?? folder} can be read and written.`)
      : problem('Uploads', `This user may not write ${folder}.`, ownerAdvice(folder));
  });
  // macOS copies them with the file itself; Windows has none.
  if (here.isLinux && !(await gnuTools())) {
    findings.push(
      warning(
        'Uploads',
        'Backups do not keep ACLs and extended attributes here: that needs cp and tar of GNU.',
        'Nothing, if no upload has any. Otherwise install the packages coreutils and tar.',
      ),
    );
  }
  return findings;
}

async function checkFolder(_env: Environment, project: Project): Promise<Finding[]> {
  const { backups } = project;
  const topic = 'Backups folder';
  if (!existsSync(backups)) {
    return [ok(topic, `${backups} will be made with the first backup.`)];
  }
  if (!isWritable(backups)) {
    return [problem(topic, `This user may not write ${backups}.`, ownerAdvice(backups))];
  }
  const findings: Finding[] = [];
  const others = statSync(backups).mode & 0o077;
  if (!here.isWindows && others !== 0 && keepsModes(statfsSync(backups).type)) {
    findings.push(warning(topic, `Other users of this machine may look into ${backups}.`, `Run: chmod 700 "${backups}"`));
  }
  const isFree = await ifOnlyWriter(backups, liveOf(project), () => Promise.resolve(true));
  findings.push(
    isFree === null
      ? warning(topic, 'Another backup or restore is running now.', 'Wait until it has finished.')
      : ok(topic, `${backups} can be written, and nobody holds its lock.`),
  );
  if ((await isIgnored(project.root, backups)) === false) {
    const entry = `/${relative(project.root, backups).split('\\').join('/')}/`;
    findings.push(
      warning(topic, 'git does not ignore the backups folder: data could be committed.', `Add the line ${entry} to .gitignore.`),
    );
  }
  return findings;
}

async function checkLeftovers(env: Environment, project: Project): Promise<Finding[]> {
  const topic = 'Interrupted runs';
  const { actions, waiting } = await foresee(env, project);
  const names = (await env.disk.list(project.backups).catch(() => [])).filter((name) => name.startsWith(STAGE_PREFIX));
  const own = names.filter((name) => isOwnStage(project.backups, name)).length;
  const findings = [
    ...(waiting === null ? [] : [problem(topic, waiting.message, waiting.remedy)]),
    ...actions
      .filter((action) => action !== waiting?.message)
      .map((action) => warning(topic, action, 'Nothing: the next command does it.')),
    ...(own === 0 ? [] : [warning(topic, `${own} unfinished backups were left behind.`, 'Nothing: the next backup removes them.')]),
    ...(own === names.length
      ? []
      : [
          warning(
            topic,
            `${names.length - own} entries in ${project.backups} look unfinished, but were not made by this user on this machine.`,
            'They are left alone. Delete them yourself if you know that nobody needs them.',
          ),
        ]),
  ];
  return findings.length === 0 ? [ok(topic, 'Nothing was left behind.')] : findings;
}

async function checkBackups(env: Environment, project: Project): Promise<Finding[]> {
  const { backups } = await listBackups(env.disk, project.backups);
  const broken = backups.filter((entry) => !isGood(entry));
  const newest = backups.filter(isGood).find((entry) => entry.manifest.database?.damaged !== true && entry.manifest.trigger !== 'safety');
  const findings = broken.map((entry) =>
    warning('Backups', `${entry.name} is not a complete backup. ${entry.reason ?? ''}`, 'Delete the folder when you no longer need it.'),
  );
  if (newest === undefined) {
    return [...findings, warning('Backups', 'There is no good backup yet.', 'Create one.')];
  }
  const days = Math.floor((env.now().getTime() - createdAt(newest.manifest)) / DAY);
  findings.push(
    days >= OLD_DAYS
      ? warning('Backups', `The newest good backup is ${days} days old.`, 'Create a new one.')
      : ok('Backups', `The newest good backup is ${newest.name}.`),
  );
  const failedOnes = backups.filter((entry) => entry.verification?.ok === false);
  findings.push(
    ...failedOnes.map((entry) =>
      problem(
        'Backups',
        `${entry.name} failed its last verification: ${entry.verification?.problems[0] ?? ''}`,
        'Repair it, or create a new backup.',
      ),
    ),
  );
  return findings;
}

async function checkGit(_env: Environment, project: Project): Promise<Finding[]> {
  const state = await readGit(project.root);
  const refusal = state === null ? await gitRefusal(project.root) : null;
  if (refusal !== null) {
    const advice = refusal.includes('another user')
      ? `If you trust it, run: git config --global --add safe.directory "${project.root}"`
      : 'Ask git itself with: git status';
    return [warning('Git', `${refusal} Backups are named by time only.`, advice)];
  }
  if (state === null) {
    return [ok('Git', 'The project is in no git checkout: backups are named by time only.')];
  }
  return [ok('Git', gitSentence(state.branch ?? 'a detached HEAD', state.commit?.slice(0, 7) ?? null, state.dirty))];
}

function gitSentence(branch: string, commit: string | null, isDirty: boolean): string {
  if (commit === null) {
    return isDirty ? `Working on ${branch}, with uncommitted changes.` : `Working on ${branch}.`;
  }
  return isDirty ? `Working on ${branch} at ${commit}, with uncommitted changes.` : `Working on ${branch} at ${commit}.`;
}

function checkMigrations(_env: Environment, project: Project): Finding[] {
  const state = readSchemaState(project);
  const findings = state.problems.map((each) =>
    warning(
      'Migrations',
      each.file === undefined
        ? each.message
        : `${relative(project.root, each.file)}${each.line === undefined ? '' : `:${each.line}`}: ${each.message}`,
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
            : `${state.tool}: ${state.state === 'current' ? 'up to date' : state.state}.`,
        ),
      ];
}

async function checkContainer(_env: Environment, project: Project): Promise<Finding[]> {
  const topic = 'Container';
  const container = await findContainer(project);
  if (container === null) {
    return [ok(topic, 'No compose service mounts the database.')];
  }
  const { service, running, stop, start, locksMayNotCross } = container;
  if (running !== true) {
    const state = running === null ? 'could not tell whether it is running' : 'it is not running';
    return [ok(topic, `The compose service ${service} mounts the database; ${state}.`)];
  }
  const message = `The compose service ${service} mounts the database and is running.`;
  return locksMayNotCross
    ? [warning(topic, `${message} SQLite's locks may not reach into it.`, `Stop it around a restore: ${stop}, later ${start}`)]
    : [ok(topic, message)];
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function ownerAdvice(path: string): string {
  return here.isWindows
    ? `Give this user the right to write ${path}.`
    : `A container that runs as root may own it. Run: sudo chown -R "$(id -u):$(id -g)" "${join(path)}"`;
}
