// What a Python string stands for.

/** null for bytes, and for f-strings that compute something. `prefix` in lower case. */
export function valueOf(body: string, prefix: string): string | null {
  if (prefix.includes('b') || (/[ft]/.test(prefix) && /[{}]/.test(body))) {
    return null;
  }
  return prefix.includes('r') ? body : unescaped(body);
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
};

/** https://docs.python.org/3/reference/lexical_analysis.html#escape-sequences, without `\N{...}`. */
function unescaped(body: string): string {
  return body.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|([^]))/g,
    (all: string, ...groups: (string | undefined)[]) => {
      const [byte, short, long, octal, other = ''] = groups;
      const hex = byte ?? short ?? long;
      if (hex !== undefined) {
        const code = parseInt(hex, 16);
        return code <= 0x10ffff ? String.fromCodePoint(code) : all;
      }
      return octal === undefined ? (ESCAPES[other] ?? all) : String.fromCharCode(parseInt(octal, 8));
    },
  );
}
