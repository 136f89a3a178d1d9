// What Rails' YAML configuration says: its small ERB expressions are read where they give a default or a path.
import { dirname, basename } from 'node:path';
import { parseYaml } from '../../../limits/yaml';
import { variablesAt } from '../../reading/env-files';
import { lookOf } from '../../reading/look';
import { isAside } from '../../reading/vendored';
import type { ProjectFolder } from '../../tool';

/** What cannot be known without running it stands in the text so. */
export const COMPUTED = '{computed}';

/** The application's config/database.yml; null: no Rails. Engines and dummies for tests are none. */
export function databaseYml(project: ProjectFolder): string | null {
  const all = lookOf(project).files.filter((file) => /^database\.ya?ml$/.test(basename(file)) && basename(dirname(file)) === 'config');
  return all.find((file) => !isAside(file.slice(project.root.length))) ?? all[0] ?? null;
}

export function railsFolder(config: string): string {
  return dirname(dirname(config));
}

/** The environment that commands run in. */
export function environmentOf(variables: ReadonlyMap<string, string>): string {
  return variables.get('RAILS_ENV') ?? 'development';
}

/** The file's content with its ERB filled in; null: it is no YAML. */
export function readYaml(file: string, project: ProjectFolder): unknown {
  const variables = variablesAt(project, railsFolder(file));
  const text = (lookOf(project).text(file) ?? '').replace(
    /<%#.{0,2000}?%>|<%-?\s{0,100}(?:if|unless|else|end|require|[\w.]{1,100}\s{0,100}=[^=]).{0,2000}?%>/gs,
    '',
  );
  try {
    return parseYaml(
      text.replace(/<%=(.{0,2000}?)-?%>/gs, (_all, code: string) =>
        valueOf(withEnvironment(code.trim(), environmentOf(variables)), railsFolder(file), variables),
      ),
    );
  } catch {
    return null;
  }
}

/**
 * The content of a configuration that may be spread over files: an adapter chooses between `database.sqlite.yml` and
 * `database.mysql.yml`, and the file itself holds no more than the choice.
 */
export function readChosenYaml(file: string, project: ProjectFolder): unknown {
  const content = readYaml(file, project);
  // What is computed as a whole reads as `{computed}`.
  if (typeof content === 'object' && content !== null && !('computed' in content)) {
    return content;
  }
  const stem = basename(file).replace(/\.ya?ml$/, '');
  const others = lookOf(project)
    .filesIn(dirname(file))
    .filter((other) => basename(other).startsWith(`${stem}.`) && /\.ya?ml$/.test(other) && other !== file);
  const [chosen] = [...others.filter((other) => /sqlite/i.test(basename(other))), ...(others.length === 1 ? others : [])];
  return chosen === undefined ? content : readYaml(chosen, project);
}

/** `"storage/#{Rails.env}.sqlite3"`, and `Rails.env` alone. */
export function withEnvironment(code: string, environment: string): string {
  return code.replace(/#\{\s*Rails\.env\s*\}/g, environment).replace(/^Rails\.env(?:\.to_s)?$/, `"${environment}"`);
}

const STRING = String.raw`["']([^"'#]*)["']`;

/** `ENV.fetch("X") { "default" }`, `ENV["X"] || "default"`, `Rails.root.join("a", "b")`. */
function valueOf(code: string, root: string, variables: ReadonlyMap<string, string>): string {
  const [, name] = new RegExp(String.raw`^ENV(?:\.fetch\(\s*|\[\s*)${STRING}`).exec(code) ?? [];
  if (name !== undefined) {
    const given = variables.get(name);
    const fallback =
      new RegExp(String.raw`^ENV\.fetch\(\s*${STRING}\s*\)\s*\{\s*(.*?)\s*\}$`, 's').exec(code)?.[2] ??
      new RegExp(String.raw`^ENV\.fetch\(\s*${STRING}\s*,\s*(.*?)\s*\)$`, 's').exec(code)?.[2] ??
      /\|\|\s*(.+)$/s.exec(code)?.[1];
    return given ?? (fallback === undefined ? COMPUTED : valueOf(fallback, root, variables));
  }
  const plain = new RegExp(`^${STRING}$`).exec(code)?.[1];
  if (plain !== undefined || /^\d+$/.test(code)) {
    return plain ?? code;
  }
  if (/^Rails\.env(?:\.to_s)?$/.test(code)) {
    return environmentOf(variables);
  }
  if (/^(?:Rails\.root|Rails\.root\.to_s)$/.test(code)) {
    return root;
  }
  const joined = /^(?:Rails\.root\.join|File\.join)\((.*?)\)(?:\.to_s)?$/s.exec(code)?.[1];
  const parts = joined?.split(',').map((part) => valueOf(part.trim(), root, variables)) ?? [COMPUTED];
  const below = code.startsWith('Rails') ? [root, ...parts] : parts;
  return parts.includes(COMPUTED) ? COMPUTED : below.join('/');
}
