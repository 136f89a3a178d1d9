// Which packages a Python project says it needs, and in which version, by its requirements and lock files.
import { join } from 'node:path';
import { textOf } from '../../reading/folder-search';
import type { ProjectFolder } from '../../tool';

/** What was locked says more than what was asked for. */
const FILES = [
  'uv.lock',
  'poetry.lock',
  'pdm.lock',
  'Pipfile.lock',
  'requirements.txt',
  'requirements/base.txt',
  'requirements-dev.txt',
  'requirements/dev.txt',
  'pyproject.toml',
  'Pipfile',
  'setup.cfg',
  'setup.py',
];

/** `name`: in small letters with hyphens, as on the package index. */
export function requires(name: string, folder: string, project: ProjectFolder): boolean {
  return textsOf(folder, project).some((text) => nameIn(name).test(text));
}

/** The first number of its version; null: none is said. */
export function requiredMajor(name: string, folder: string, project: ProjectFolder): number | null {
  const version = new RegExp(
    `${nameIn(name).source}(?:"?\\s*\\n\\s*version\\s*=\\s*"|"?\\s*(?:=\\s*")?(?:==|~=|<=|\\^|~)\\s*|"?:\\s*\\{[^}]{0,5000}?"version":\\s*"==)(\\d+)|${nameIn(name).source}[^\\n#;]{0,40}?<\\s*(\\d+)`,
    'i',
  );
  for (const text of textsOf(folder, project)) {
    const [, exact, below] = version.exec(text) ?? [];
    if (exact !== undefined || below !== undefined) {
      return exact === undefined ? Number(below) - 1 : Number(exact);
    }
  }
  return null;
}

function textsOf(folder: string, { root }: ProjectFolder): string[] {
  return [...new Set([folder, root])].flatMap((place) => FILES.flatMap((file) => textOf(join(place, file)) ?? []));
}

function nameIn(name: string): RegExp {
  return new RegExp(`(?<![\\w-])${name.replaceAll('-', '[-_.]')}(?![\\w-])`, 'i');
}
