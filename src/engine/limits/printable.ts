// What a stranger's text could do to a terminal, made visible instead.

/** Control characters (among them what begins an escape sequence), and those that change the direction of writing or cannot be seen. */
const HARMFUL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

/** Text for one line of a terminal. */
export function printable(text: string): string {
  return printableLines(text).replace(/[\n\t]/g, escaped);
}

/** Text of several lines for a terminal: line ends and tabs stay. */
export function printableLines(text: string): string {
  return text.replace(HARMFUL, escaped);
}

/** The same in a JSON document, which may hold any of them as an escape. */
export function printableJson(document: string): string {
  return document.replace(HARMFUL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
