// Where an Alembic environment's options are written: ini files and pyproject.toml.
import { dirname } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { optionOf, parseIni, type IniSection } from './ini';

/** The value of an option with everything filled in; null: it is not given, or only running the project could tell. */
export type Option = (key: string) => string | null;

/** The sections of an ini file that describe an environment: [alembic], and those meant for `alembic -n NAME`. */
export function iniSections(text: string): [string, IniSection][] {
  return [...parseIni(text)].filter(([name, section]) => name === 'alembic' || (name !== 'DEFAULT' && section.has('script_location')));
}

export function iniOption(file: string, section: IniSection): Option {
  return (key) => {
    const value = optionOf(section, key, dirname(file));
    return value === null || /\{\{|\$\{|<%/.test(value) ? null : value;
  };
}

/** `[tool.alembic]`; null: there is none. Fails where the file is not TOML. */
export function tomlOption(file: string, text: string): Option | null {
  const table = tableOf(tableOf(parseToml(text), 'tool'), 'alembic');
  return (
    table &&
    ((key) => {
      const value = table[key];
      const written = Array.isArray(value)
        ? value.map(String).join('\n')
        : typeof value === 'string' || typeof value === 'boolean'
          ? String(value)
          : null;
      // The separator of a TOML list is no part of the file: a list is a list.
      return (
        (key === 'path_separator' && 'version_locations' in table ? 'newline' : written)
          ?.replaceAll('%(here)s', dirname(file))
          .replaceAll('%%', '%') ?? null
      );
    })
  );
}

/** The ini file wins key by key; the URL never comes from TOML. */
export function both(ini: Option, toml: Option): Option {
  return (key) => ini(key) ?? (key === 'sqlalchemy.url' ? null : toml(key));
}

function tableOf(value: unknown, key: string): Record<string, unknown> | null {
  const inner = typeof value === 'object' && value !== null && key in value ? (value as Record<string, unknown>)[key] : null;
  return typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? (inner as Record<string, unknown>) : null;
}
