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
      const [, name, value = ''] = /^\s*([^=:]*?)\s*[=:]\s*(.*)$/.exec(line) ?? [];
      key = name?.toLowerCase() ?? null;
      if (section !== null && key !== null) {
        section.set(key, value.trim());
      }
    }
  }
  const defaults = sections.get('DEFAULT') ?? new Map<string, string>();
  return new Map([...sections].map(([name, values]) => [name, new Map([...defaults, ...values])]));
}

/** A value with its `%(name)s` filled in and `%%` as `%`; null: it is not there, or names something that is not. */
export function optionOf(section: IniSection, key: string, here: string): string | null {
  const written = section.get(key);
  return written === undefined ? null : filledIn(written, section, here, 0);
}

const MAX_DEPTH = 10;

function filledIn(value: string, section: IniSection, here: string, depth: number): string | null {
  let isUnknown = depth > MAX_DEPTH;
  const filled = value.replace(/%(?:(%)|\(([^)]+)\)s)/g, (_all: string, percent: string | undefined, name: string) => {
    if (percent !== undefined) {
      return '%';
    }
    if (name.toLowerCase() === 'here') {
      return here;
    }
    const other = section.get(name.toLowerCase());
    const inner = other === undefined || depth > MAX_DEPTH ? null : filledIn(other, section, here, depth + 1);
    isUnknown ||= inner === null;
    return inner ?? '';
  });
  return isUnknown ? null : filled.trim();
}
