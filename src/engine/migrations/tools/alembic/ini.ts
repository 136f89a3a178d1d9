// Python's ConfigParser files: sections, continued values and `%(name)s` (https://docs.python.org/3/library/configparser.html).

export type IniSection = ReadonlyMap<string, string>;

/** Every section by its name, keys in lower case, values as written. `[DEFAULT]` is in all of them. */
export function parseIni(text: string): ReadonlyMap<string, IniSection> {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | null = null;
  let key: string | null = null;
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    if (/^\s*[#;]/.test(line)) {
      continue;
    }
    const header = /^\[(.+)\]\s*(?:[#;].*)?$/.exec(line)?.[1];
    if (header !== undefined) {
      section = sections.get(header) ?? new Map<string, string>();
      sections.set(header, section);
      key = null;
    } else if (/^\s+\S/.test(line) && section !== null && key !== null) {
      section.set(key, `${section.get(key) ?? ''}\n${line.trim()}`);
    } else if (line.trim() === '') {
      continue;
    } else {
      const sign = line.search(/[=:]/);
      key = sign < 0 ? null : line.slice(0, sign).trim().toLowerCase();
      if (section !== null && key !== null) {
        section.set(key, line.slice(sign + 1).trim());
      }
    }
  }
  const defaults = sections.get('DEFAULT') ?? new Map<string, string>();
  return new Map([...sections].map(([name, values]) => [name, new Map([...defaults, ...values])]));
}

/** A value with its `%(name)s` filled in and `%%` as `%`; null: it is not there, or names something that is not. */
export function optionOf(section: IniSection, key: string, here: string): string | null {
  const written = section.get(key);
  return written === undefined ? null : filledIn(written, section, here, 0, { left: MOST_REFERENCES });
}

const MAX_DEPTH = 10;
/** Values that name one another several times grow without end. */
const MOST_REFERENCES = 100;
const LONGEST_VALUE = 10_000;

function filledIn(value: string, section: IniSection, here: string, depth: number, references: { left: number }): string | null {
  if (depth > MAX_DEPTH || value.length > LONGEST_VALUE) {
    return null;
  }
  const unknown: string[] = [];
  const filled = value.replace(/%(?:(%)|\(([^)]+)\)s)/g, (_all: string, percent: string | undefined, name: string) => {
    if (percent !== undefined) {
      return '%';
    }
    if (name.toLowerCase() === 'here') {
      return here;
    }
    const other = section.get(name.toLowerCase());
    const inner = other === undefined || references.left-- <= 0 ? null : filledIn(other, section, here, depth + 1, references);
    unknown.push(...(inner === null ? [name] : []));
    return inner ?? '';
  });
  return unknown.length > 0 ? null : filled.trim();
}
