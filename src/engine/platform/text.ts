// The text of a file that a person wrote: Windows PowerShell 5.1 writes UTF-16, Notepad a byte order mark.

/** Decodes by the byte order mark, which is not part of the text; without one it is UTF-8. What is no text comes as U+FFFD. */
export function decodedText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding = first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}
