// The modules of a Node application that may say where it keeps its data, read only where its packages speak for it.
import { basename, dirname, sep } from 'node:path';
import { lookOf } from '../../reading/look';
import { isAside, isLibrary } from '../../reading/vendored';
import type { ProjectFolder } from '../../tool';

/** More modules than anybody opens databases and takes uploads in. */
const MOST = 300;
const MODULE = /\.[cm]?[jt]sx?$/;

/** The modules below the package.json files that name one of these packages, of those whose path says this word. */
export function modulesUsing(packages: RegExp, word: RegExp, project: ProjectFolder): readonly string[] {
  const look = lookOf(project);
  const folders = look.files
    .filter((file) => basename(file) === 'package.json' && packages.test(look.text(file) ?? ''))
    .map((file) => dirname(file) + sep);
  return folders.length === 0
    ? []
    : look.files
        .filter((file) => MODULE.test(file) && !file.endsWith('.d.ts') && folders.some((folder) => file.startsWith(folder)))
        .filter((file) => word.test(file.slice(project.root.length)) && !isAside(file.slice(project.root.length)))
        .filter((file) => !isLibrary(file, project.root))
        .slice(0, MOST);
}
