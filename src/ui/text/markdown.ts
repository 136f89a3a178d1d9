// Makes text from files (names, notes, branches) harmless inside Markdown.

/** Text that Markdown shows as it is written, on one line. */
export function plain(text: string): string {
  return text
    .replace(/[\\`*_{}[\]()#+\-.!|~<>$&]/g, '\\$&')
    .replace(/\s+/g, ' ')
    .trim();
}
