// The page of the extension, as the editor and the galleries show it: of pictures and links they take only whole addresses.
import { readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { root } from './paths.mjs';

const PICTURE = /^!\[[^\]]*\]\([^)]+\)\n\n/gm;
const LINK = /(!?)\[([^\]]*)\]\((?!https:|#)([^)\s]+)\)/g;

/**
 * Pictures and links lead to the repository. Where its address is not known there are no pictures, and links are mere words:
 * the editor shows neither files of the extension nor pictures that are held in the page.
 * @param {string} file the page's source
 * @param {string | null} repository its address
 */
export function extensionPage(file, repository) {
  const source = readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
  if (repository === null) {
    return source.replace(PICTURE, '').replace(LINK, '$2');
  }
  return source.replace(LINK, (_link, picture, words, to) => {
    const place = relative(root, join(dirname(file), to))
      .split(sep)
      .join('/');
    return `${picture}[${words}](${repository}/${picture ? 'raw' : 'blob'}/HEAD/${place})`;
  });
}
