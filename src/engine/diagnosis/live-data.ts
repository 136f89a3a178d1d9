// Whether the live database and uploads can be read, checked and written.
import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { throughService } from '../containers/through-service';
import { outOfReach, placeOf } from '../project/out-of-reach';
import type { Project } from '../project/project';
import type { Environment } from '../store/environment';
import { checkLive } from '../verify/live';
import { failed, ok, problem, warning, type Finding } from './finding';
import { gnuTools } from '../files/system-tools';
import { here } from '../platform/platform';
import { isWritable, ownerAdvice } from './writable';
import { said } from '../said';

export async function checkDatabaseFile(env: Environment, project: Project): Promise<Finding[]> {
  const { database } = project;
  const topic = 'Database';
  if (database === null && project.databasePlace !== undefined) {
    return [failed(topic, outOfReach(project.databasePlace, project.outOfReach))];
  }
  if (database === null || !existsSync(database)) {
    const what = database === null ? 'No database was found.' : said`There is no database at ${placeOf(project) ?? database}.`;
    return [problem(topic, what, 'Start the application once, or set patsBackup.database.')];
  }
  const findings: Finding[] = [];
  const { problems, warnings, indexes = [] } = await checkLive(env, project, {});
  findings.push(
    problems[0] === undefined
      ? ok(topic, said`${placeOf(project) ?? database} can be read, and SQLite finds nothing wrong with it.`)
      : problem(topic, said`${damageText(database, problems[0])}.`, 'Restore a good backup.'),
    ...warnings.map((each) => warning(topic, each, 'Nothing, if the application works: backups hold it all the same.')),
    ...indexes.map((each) => warning(topic, each, 'Stop the application, and run REINDEX on its database.')),
  );
  if (project.databasePlace !== undefined) {
    return findings;
  }
  const closed = [database, dirname(database)].find((path) => !isWritable(path));
  if (closed !== undefined) {
    const service = throughService(project)?.service;
    const advice = ownerAdvice(project, closed);
    findings.push(
      service === undefined
        ? problem(topic, said`This user may not write ${database} or its folder, so that it cannot be restored.`, advice)
        : warning(
            topic,
            said`This user may not write ${database} or its folder: a restore is done through the service ${service}, which is stopped meanwhile.`,
            advice,
          ),
    );
  }
  const remote = await env.disk.remoteKind(database);
  if (remote !== null) {
    findings.push(
      warning(
        topic,
        said`It lies on a ${remote} file system, where locks may not reach the program that writes to it.`,
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
    : said`${database} is damaged: ${found.replace(/\s+/g, ' ')}`;
}

export async function checkUploads(_env: Environment, project: Project): Promise<Finding[]> {
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
        said`${project.copies?.[folder] ?? folder} does not exist (yet).`,
        'Nothing, if the application makes it with the first upload.',
      );
    }
    return isWritable(folder)
      ? ok('Uploads', said`${project.copies?.[folder] ?? folder} can be read and written.`)
      : throughService(project) === null
        ? problem('Uploads', said`This user may not write ${folder}.`, ownerAdvice(project, folder))
        : warning('Uploads', said`This user may not write ${folder}: a restore is done through its service.`, ownerAdvice(project, folder));
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
