// Says the engine's sentences in another language: an English sentence with {0}, {1} ... for its parameters is its own id.

/** English sentences and their translations; parameters are numbered from 0 in the order of the English one. */
export type Catalogue = Readonly<Record<string, string>>;

interface Template {
  /** What stands around the parameters, in English. */
  readonly pieces: readonly string[];
  readonly translation: string;
  /** Letters that say what it is about. */
  readonly weight: number;
}

const PARAMETER = /\{\d+\}/;
/** Where one sentence ends and the next begins. */
const BOUNDARY = /(?<=[.!?]) (?=[\p{Lu}"“„{])/u;
/** So many pieces are looked at together. */
const LONGEST_SENTENCE = 6;
const LONGEST_TEXT = 10_000;
/** Parameters are half sentences in turn. */
const DEEPEST = 3;
/** A template that is almost nothing but parameters fits everything. */
const LEAST_WEIGHT = 4;

/** Gives what can be translated of a text in the other language, and the rest as it is. Takes time in proportion to the text. */
export function translator(catalogue: Catalogue): (text: string) => string {
  const templates = Object.entries(catalogue)
    .filter(([english]) => PARAMETER.test(english))
    .map(([english, translation]): Template => {
      const pieces = english.split(PARAMETER);
      return { pieces, translation, weight: pieces.join('').replace(/[^\p{L}]/gu, '').length };
    })
    .filter(({ weight }) => weight >= LEAST_WEIGHT)
    .sort((a, b) => b.weight - a.weight);

  const whole = (text: string, depth: number): string | null => {
    const same = catalogue[text];
    if (same !== undefined) {
      return same;
    }
    for (const { pieces, translation } of templates) {
      const parameters = parametersOf(text, pieces);
      if (parameters !== null) {
        return translation.replace(/\{(\d+)\}/g, (_all, index: string) => {
          const parameter = parameters[Number(index)] ?? '';
          return depth < DEEPEST ? translated(parameter, depth + 1) : parameter;
        });
      }
    }
    return null;
  };

  /**
   * Names in a sentence may look like the end of one: of all ways to cut the text into sentences it is one with the fewest
   * pieces that nobody knows, and the most sentences.
   */
  const translated = (text: string, depth: number): string => {
    const parts = text.split(BOUNDARY);
    const ways: { readonly unknown: number; readonly said: readonly string[] }[] = [];
    for (let from = parts.length - 1; from >= 0; from -= 1) {
      const last = Math.min(parts.length, from + LONGEST_SENTENCE);
      let best: (typeof ways)[number] | undefined;
      for (let to = from + 1; to <= last; to += 1) {
        const rest = ways[to] ?? { unknown: 0, said: [] };
        const piece = parts.slice(from, to).join(' ');
        const found = (best?.unknown ?? Infinity) > rest.unknown ? whole(piece, depth) : null;
        if (found !== null) {
          best = { unknown: rest.unknown, said: [found, ...rest.said] };
        } else if (to === from + 1) {
          best = { unknown: rest.unknown + 1, said: [listOf(piece, depth), ...rest.said] };
        }
      }
      ways[from] = best ?? { unknown: 0, said: [] };
    }
    return (ways[0]?.said ?? []).join(' ');
  };

  /** Half sentences in a row, often after what they are about. */
  const listOf = (text: string, depth: number): string => {
    const items = text.split('; ');
    if (items.length === 1 || depth >= DEEPEST) {
      return text;
    }
    return items
      .map((item) => {
        const [, all = '', end = ''] = /^(.*?)(\.?)$/s.exec(item) ?? [];
        const [, subject = '', said = ''] = /^(.*: )?(.*)$/s.exec(all) ?? [];
        return (catalogue[all] ?? subject + (whole(said, depth + 1) ?? said)) + end;
      })
      .join('; ');
  };

  return (text) => (text.length > LONGEST_TEXT ? text : translated(text, 0));
}

/** What stands between the pieces, the first fit from the left; null: the text is another sentence. */
function parametersOf(text: string, pieces: readonly string[]): string[] | null {
  const [first = '', ...rest] = pieces;
  const end = rest.pop() ?? '';
  if (!text.startsWith(first) || !text.endsWith(end)) {
    return null;
  }
  const parameters: string[] = [];
  let at = first.length;
  for (const piece of rest) {
    const next = text.indexOf(piece, at);
    if (next < 0) {
      return null;
    }
    parameters.push(text.slice(at, next));
    at = next + piece.length;
  }
  const last = text.length - end.length;
  return last < at ? null : [...parameters, text.slice(at, last)];
}
