// One more line in a .gitignore, in the file's own line endings.

/** The text with the line at its end; unchanged when it is there already. */
export function withLine(text: string, line: string): string {
  const ending = text.includes('\r\n') ? '\r\n' : '\n';
  if (text.split(/\r?\n/).includes(line)) {
    return text;
  }
  return `${text}${text === '' || text.endsWith('\n') ? '' : ending}${line}${ending}`;
}
