// The objects of settings classes (pydantic) that the project makes from a file of variables it names itself.
import { dirname } from 'node:path';
import { onceFor } from '../../reading/env-files';
import { lookOf } from '../../reading/look';
import { evaluateAt, surroundings } from '../../reading/python/evaluate';
import { ENV_FILE } from '../../reading/python/named-env-files';
import { ancestryOf, lookUp } from '../../reading/python/names';
import { moduleOf, Scope } from '../../reading/python/scope';
import { Instance, Unknown, type Surroundings } from '../../reading/python/values';
import { isAside, isLibrary } from '../../reading/vendored';
import type { ProjectFolder } from '../../tool';

/** More modules than anybody makes settings in. */
const MOST = 50;

/** Those of this class, or of one that is derived from it; where there is none, the object that is made without arguments. */
export function objectsOf(scope: Scope, project: ProjectFolder, around: Surroundings): Instance[] {
  const made = onceFor(project, 'settings objects', '', () => allObjects(project)).filter(
    (object) => object.scope === scope || ancestryOf(object.scope, around, 0).includes(scope),
  );
  return made.length === 0 ? [new Instance(scope)] : made;
}

function allObjects(project: ProjectFolder): Instance[] {
  const look = lookOf(project);
  const files = look.files.filter(
    (file) =>
      file.endsWith('.py') &&
      !isLibrary(file, project.root) &&
      !isAside(file.slice(project.root.length + 1)) &&
      look.text(file)?.includes(ENV_FILE) === true,
  );
  return files.slice(0, MOST).flatMap((file) => {
    const around = surroundings(project, dirname(file));
    return (moduleOf(project, file)?.statements ?? []).flatMap(({ tokens, scope }): Instance[] => {
      if (!tokens.some(({ text, value }) => text === ENV_FILE || value === ENV_FILE)) {
        return [];
      }
      const starts = tokens.flatMap(({ kind, text }, index) =>
        kind === 'name' && text !== ENV_FILE && tokens[index - 1]?.text !== '.' ? [index] : [],
      );
      const made = starts
        .map((index) => evaluateAt(tokens, index, scope, around).value)
        .filter((value) => value instanceof Instance)
        .filter(({ given }) => given.has(ENV_FILE));
      // `partial(Settings, _env_file=...)` and the like.
      const named = made.length > 0 ? [] : starts.map((index) => lookUp(tokens[index]?.text ?? '', scope, around));
      const handed = named.filter((value) => value instanceof Scope && value.kind === 'class') as Scope[];
      return [...made, ...handed.map((each) => new Instance(each, null, new Map([[ENV_FILE, new Unknown()]])))];
    });
  });
}
