// One word of a shell's command line.

/** The word as it is typed: in quotes where it holds more than plain characters. */
export function quotedWord(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `"${word.replace(/(["\\$`])/g, '\\$1')}"`;
}
