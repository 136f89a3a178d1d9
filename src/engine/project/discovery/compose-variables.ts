// Files of variables that scripts give to Compose itself: `docker compose --env-file deploy/live.env up`.
import { basename, dirname, resolve } from 'node:path';
import { readEnv } from '../../limits/env';
import { composeProjects } from '../../migrations/commands/service';
import { variablesAt } from '../../migrations/reading/env-files';
import { isFile, lookOf } from '../../migrations/reading/look';
import type { NotUnderstood } from '../../migrations/reading/named';
import type { ProjectFolder } from '../../migrations/tool';
import { contains, shown } from '../paths';
import { said } from '../../said';

const SCRIPTS = /^(?:package\.json|(?:GNU)?[Mm]akefile|[Jj]ustfile|Taskfile\.ya?ml|.*\.sh|README(?:\.md)?)$/;
const GIVEN = /\bdocker(?:-|\s+)compose\b[^\n;&|]{0,300}?--env-file[= ]+["']?([^\s"'\\]+)/g;
const MOST = 50;

/** Where they say something else than the `.env` that plain `docker compose` reads, nobody knows which of them counts. */
export function otherVariables(project: ProjectFolder): NotUnderstood[] {
  const look = lookOf(project);
  const scripts = look.files.filter((file) => SCRIPTS.test(basename(file)) && /compose/.test(look.text(file) ?? '')).slice(0, MOST);
  return scripts.flatMap((script) =>
    [...(look.text(script) ?? '').matchAll(GIVEN)].slice(0, MOST).flatMap(([, written = '']): NotUnderstood[] => {
      const file = [dirname(script), project.root]
        .map((folder) => resolve(folder, written))
        .find((place) => contains(project.root, place) && isFile(place));
      return file !== undefined && decides(file, project)
        ? [
            {
              from: shown(script, project.root),
              written,
              tail: '',
              isFirm: true,
              sentence: said`${shown(script, project.root)} starts Compose with the variables of ${written}, and not with those of .env.`,
            },
          ]
        : [];
    }),
  );
}

/** Whether a variable of the file is another than that which the compose files are read with. */
function decides(file: string, project: ProjectFolder): boolean {
  const given = readEnv(lookOf(project).text(file) ?? '');
  return composeProjects(project).some(({ files, folder }) => {
    const usual = variablesAt(project, folder);
    const text = files.map((each) => lookOf(project).text(each) ?? '').join('\n');
    return [...given].some(
      ([name, { value }]) =>
        (usual.get(name) ?? process.env[name]) !== value && new RegExp(`\\$\\{?${name.replace(/[^\w]/g, '')}\\b`).test(text),
    );
  });
}
