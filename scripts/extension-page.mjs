// The page of the extension, as the editor and the galleries show it: it can lead only to whole addresses.
import { readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { root } from './paths.mjs';

const LINK = /(!?)\[([^\]]*)\]\((?!https:|#)([^)\s]+)\)/g;

/**
 * Pictures and links lead to the repository; where its address is not known, pictures are held in the page and links are mere words.
 * @param {string} file the page's source
 * @param {string | null} repository its address
 */
export function extensionPage(file, repository) {
  return readFileSync(file, 'utf8').replace(LINK, (_link, picture, words, to) => {
    const path = join(dirname(file), to);
    if (repository === null) {
      return picture ? `![${words}](data:image/png;base64,${readFileSync(path, 'base64')})` : words;
    }
    const place = relative(root, path).split(sep).join('/');
    return `${picture}[${words}](${repository}/${picture ? 'raw' : 'blob'}/HEAD/${place})`;
  });
}
