// Where a Flask or other Python application keeps uploaded files: UPLOAD_FOLDER and its like in the settings.
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { MOST_NAMED } from '../../../limits/sizes';
import { isFolder } from '../../reading/look';
import type { NamedFolder } from '../../reading/named';
import { evaluateAt, surroundings } from '../../reading/python/evaluate';
import { attribute, lookUp } from '../../reading/python/names';
import { moduleOf } from '../../reading/python/scope';
import type { Token } from '../../reading/python/tokens';
import { Instance } from '../../reading/python/values';
import { isAside } from '../../reading/vendored';
import type { ProjectFolder } from '../../tool';
import { settingsModules } from './settings-modules';

const NAME =
  /^(?:UPLOAD(?:S|ED)?_?(?:FOLDER|DIR|DIRECTORY|PATH|ROOT|DEST|FILES_DEST|PHOTOS_DEST)?|UPLOADED_\w+_DEST|UPLOADS_DEFAULT_DEST|(?!.*(?:TE?MP|CACHE))\w+_UPLOADS?_(?:FOLDER|DIR|DIRECTORY|PATH|ROOT)|MEDIA_(?:FOLDER|DIR|ROOT|PATH)|ATTACHMENTS?_(?:FOLDER|DIR|PATH))$/i;
/** Paths of URLs below which what users uploaded is served. */
const UPLOADED = /^\/(?:[\w-]+\/)*[\w-]*(?:upload|media|attachment|avatar|user[-_]?(?:content|files))[\w-]*\/?$/i;
/** Modules that take files from users, by their names or their folders. */
const HANDLERS =
  /[\\/](?:routers?|routes|views|endpoints|services|controllers|handlers)[\\/][^\\/]*$|(?:upload|files?|media|attachments?|images?|storage|utils)\.py$/i;
/** Folders named where they can be read; a relative one is looked for beside the code and above it. */
export function uploads(project: ProjectFolder): readonly NamedFolder[] {
  const files = settingsModules(project, /upload|media_|attachment/i, HANDLERS).filter((file) => !isAside(relative(project.root, file)));
  return files.flatMap((file) => foldersIn(file, project));
}

function foldersIn(file: string, project: ProjectFolder): NamedFolder[] {
  const module = moduleOf(project, file);
  const around = surroundings(project, dirname(file));
  const found: NamedFolder[] = [];
  for (const { tokens, scope } of module?.statements ?? []) {
    const mounted = mountedAt(tokens);
    const served = mounted < 0 ? null : evaluateAt(tokens, mounted, scope, around).value;
    const place = typeof served === 'string' && served !== '' ? placeOf(served, file, project.root) : null;
    if (place !== null && found.length < MOST_NAMED) {
      found.push({ from: `StaticFiles in ${relative(project.root, file).replaceAll('\\', '/')}`, path: place });
    }
    for (const [index, token] of tokens.entries()) {
      const name = token.value ?? (token.kind === 'name' ? token.text : '');
      const next = tokens[index + 1]?.text;
      if (!NAME.test(name) || (next !== '=' && next !== ':' && next !== ']') || found.length >= MOST_NAMED) {
        continue;
      }
      const isBinding = index === 0 && token.kind === 'name';
      const value = isBinding
        ? scope.kind === 'class'
          ? attribute(new Instance(scope), name, around, 0)
          : lookUp(name, scope, around)
        : evaluateAt(tokens, index + (next === ']' ? 3 : 2), scope, around).value;
      const path = typeof value === 'string' && value !== '' && !/^\w+:\/\//.test(value) ? placeOf(value, file, project.root) : null;
      if (path !== null) {
        found.push({ from: `${name} in ${relative(project.root, file).replaceAll('\\', '/')}`, path });
      }
    }
  }
  return found;
}

/** Where the folder begins that `app.mount("/uploads", StaticFiles(directory=folder))` serves; -1: nothing like it. */
function mountedAt(tokens: readonly Token[]): number {
  const isMount = tokens.some(({ text, value }, index) => text === '(' && UPLOADED.test(tokens[index + 1]?.value ?? value ?? ''));
  const at = isMount ? tokens.findIndex(({ text }, index) => text === 'StaticFiles' && tokens[index + 1]?.text === '(') : -1;
  const isNamed = tokens[at + 2]?.text === 'directory' && tokens[at + 3]?.text === '=';
  return at < 0 ? -1 : at + (isNamed ? 4 : 2);
}

function placeOf(written: string, file: string, root: string): string | null {
  if (isAbsolute(written)) {
    return written;
  }
  const bases = [root];
  for (let folder = dirname(file); folder.length > root.length; folder = dirname(folder)) {
    bases.push(folder);
  }
  const places = bases.flatMap((base) => [join(base, written), join(base, 'static', written)]);
  return places.find((place) => isFolder(place) && basename(place) !== '') ?? null;
}
