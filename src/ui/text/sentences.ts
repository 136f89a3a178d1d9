// Says the engine's sentences in another language: by their English pattern, and what was put in.
import { saidOf, sentencesIn, type Parameter, type Said } from '../../engine/said';
import { exactTime } from './time';

/** English patterns of sentences and their translations; parameters are numbered from 0 in the order of the English one. */
export type Catalogue = Readonly<Record<string, string>>;

/** So deep do sentences stand in each other. */
const DEEPEST = 8;
const PARAMETER = /\{(\d+)\}/g;

/** Gives what can be translated of a text in the other language, and the rest as it is; numbers and dates as `locale` has them. */
export function translator(catalogue: Catalogue, locale: string): (text: string) => string {
  const numbers = new Intl.NumberFormat(locale, { useGrouping: 'min2' });

  const whole = ({ id, parameters }: Said, depth: number): string => {
    const last = { index: -1 };
    return sentencesIn(id)
      .map((sentence) => {
        const first = last.index + 1;
        const own = sentence.replace(PARAMETER, () => `{${(last.index += 1) - first}}`);
        const pattern = catalogue[own] ?? own;
        return pattern.replace(PARAMETER, (_all, index: string) => {
          const parameter = parameters[first + Number(index)] ?? '';
          return isQuoted(own, index) && typeof parameter === 'string' ? parameter : shown(parameter, depth + 1);
        });
      })
      .join(' ');
  };

  const shown = (parameter: Parameter, depth: number): string => {
    if (typeof parameter === 'object') {
      return exactTime(new Date(parameter.at), locale);
    }
    return typeof parameter === 'number' ? numbers.format(parameter) : translated(parameter, depth);
  };

  const translated = (text: string, depth: number): string =>
    depth > DEEPEST
      ? text
      : sentencesIn(text)
          .map((sentence) => {
            const what = saidOf(sentence);
            return what === undefined ? (catalogue[sentence] ?? sentence) : whole(what, depth);
          })
          .join(' ');

  return (text) => translated(text, 0);
}

/** What stands in quotes is a name or a command. */
function isQuoted(pattern: string, index: string): boolean {
  return pattern.includes(`"{${index}}"`);
}
