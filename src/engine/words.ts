// The words of an answer: what the sentences in it were made of, told from one process to another or kept in a file.
import { englishOf, remember, saidOf, sentencesIn, type Said } from './said';

/** Texts of an answer, and those in them, with what they were made of. */
export type Words = Readonly<Record<string, Said>>;

/** Fields of answers and errors whose text was written by the engine for people; names, paths and notes are never among them. */
const SAID = new Set([
  'actions',
  'commandProblem',
  'halfApplied',
  'message',
  'problems',
  'reason',
  'reasons',
  'remedy',
  'searched',
  'topic',
  'unkept',
]);

/** A copy in which the engine's own texts are replaced by what `say` makes of them. */
export function eachSaid(value: unknown, say: (text: string) => string, isSaid = false): unknown {
  if (typeof value === 'string') {
    return isSaid ? say(value) : value;
  }
  if (Array.isArray(value)) {
    return value.map((each) => eachSaid(each, say, isSaid));
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, eachSaid(each, say, SAID.has(key))]));
}

/** What this process knows of the texts in an answer or an error. */
export function wordsOf(answer: unknown): Words {
  const words: Record<string, Said> = Object.create(null) as Record<string, Said>;
  const collect = (text: string): string => {
    for (const part of sentencesIn(text)) {
      const what = saidOf(part);
      if (what !== undefined && !(part in words)) {
        words[part] = what;
        what.parameters.forEach((parameter) => typeof parameter === 'string' && collect(parameter));
      }
    }
    return text;
  };
  eachSaid(answer, collect);
  return words;
}

/** Keeps what came with an answer, for whoever says it in another language. */
export function hear(words: Words): void {
  for (const [text, what] of Object.entries(words)) {
    remember(text, what);
  }
}

/** The same of words out of a file, which anybody may have written: only what says the very text. */
export function hearFromFile(words: Words): void {
  for (const [text, what] of Object.entries(words)) {
    if (englishOf(what) === text) {
      remember(text, what);
    }
  }
}
