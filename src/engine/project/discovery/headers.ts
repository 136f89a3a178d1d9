// SQLite databases recognised by the first bytes of the files themselves.
import { lstatSync, type Stats } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { extname } from 'node:path';
import { headerKind } from '../../sqlite/connection';

/** Files that are no databases by their names: most of a project's, which need not be looked into. */
const OTHERS = new Set(
  (
    'py pyc pyi js cjs mjs ts cts mts jsx tsx vue svelte astro html htm css scss sass less map json jsonc yml yaml toml ini cfg conf lock md mdx rst txt ' +
    'csv tsv sql rb erb haml slim php java kt scala go rs c h cc cpp hpp cs fs swift dart ex exs erl hs lua pl sh bash zsh fish ps1 bat cmd ' +
    'png jpg jpeg gif webp avif svg ico bmp tif tiff heic mp3 mp4 m4a mov avi mkv webm wav ogg flac woff woff2 ttf otf eot pdf doc docx xls xlsx ppt pptx odt ' +
    'zip gz bz2 xz zst tar tgz 7z rar jar war whl gem deb rpm exe dll so dylib wasm log xml xsd proto graphql prisma mako jinja j2 tmpl po pot mo ipynb'
  )
    .split(' ')
    .map((name) => `.${name}`),
);
/** Where tools put what they build, and what a database leaves beside itself. */
const BUILT = /(?:^|[\\/])(?:build|out|tmp|temp|cache|caches|logs?)[\\/]/;
const BESIDE = /-(?:wal|shm|journal)$/;
/** The smallest page: every SQLite file is a multiple of it. */
const PAGE = 512;
/** More databases than anybody could choose from. */
const MOST = 60;
/** Milliseconds after which others get their turn. */
const LONGEST_TURN = 15;

/**
 * Files already recognised by this process. They are not opened again: closing a file drops all locks that
 * the process holds on it, and an operation may have the database open meanwhile.
 */
const recognised = new Set<string>();

/** The files that start with SQLite's magic header. */
export async function databasesByHeader(files: readonly string[], root: string): Promise<string[]> {
  const databases: string[] = [];
  let since = performance.now();
  for (const file of files) {
    if (databases.length === MOST) {
      break;
    }
    if (OTHERS.has(extname(file).toLowerCase()) || BESIDE.test(file) || BUILT.test(file.slice(root.length))) {
      continue;
    }
    if (performance.now() - since > LONGEST_TURN) {
      await setImmediate();
      since = performance.now();
    }
    const stats = statsOf(file);
    if (stats?.isFile() === true && stats.size > 0 && stats.size % PAGE === 0 && isSqlite(file)) {
      databases.push(file);
    }
  }
  return databases;
}

function statsOf(file: string): Stats | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function isSqlite(file: string): boolean {
  if (recognised.has(file)) {
    return true;
  }
  try {
    if (headerKind(file) === 'sqlite') {
      recognised.add(file);
      return true;
    }
  } catch {
    // A file that may not be read is nobody's candidate.
  }
  return false;
}
