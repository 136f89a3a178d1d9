// What the import statements of a Python file bring in.
import type { Token } from '../../reading/python/tokens';

export interface Import {
  readonly module: string;
  /** null: the module itself. */
  readonly member: string | null;
  readonly as: string;
}

/** What an import statement brings in. */
export function importsIn(tokens: readonly Token[]): Import[] {
  const words = tokens.filter(({ text }) => text !== '(' && text !== ')').map(({ text }) => text);
  if (words[0] === 'import') {
    return listed(words.slice(1)).map(([name, as]) => ({
      module: as === null ? (name.split('.')[0] ?? name) : name,
      member: null,
      as: as ?? name.split('.')[0] ?? name,
    }));
  }
  const at = words.indexOf('import');
  if (words[0] !== 'from' || at < 0) {
    return [];
  }
  const module = words.slice(1, at).join('');
  return listed(words.slice(at + 1)).map(([name, as]) => ({ module, member: name, as: as ?? name }));
}

function listed(words: readonly string[]): [string, string | null][] {
  const parts: string[][] = [[]];
  for (const word of words) {
    if (word === ',') {
      parts.push([]);
    } else {
      parts.at(-1)?.push(word);
    }
  }
  return parts
    .filter((part) => part.length > 0)
    .map((part) => {
      const as = part.indexOf('as');
      return [part.slice(0, as < 0 ? undefined : as).join(''), as < 0 ? null : (part[as + 1] ?? null)];
    });
}
