// Which folders hold other people's code: libraries that were installed or copied into the project.
import { basename, dirname, join } from 'node:path';
import { existsSync } from 'node:fs';

const FOLDERS =
  /^(?:node_modules|bower_components|jspm_packages|site-packages|dist-packages|libs|custom_libs|_?vendor(?:ed)?|third[-_]?party|externals?|extern)$/i;
/** Python packages by their names, and what only the package itself has beside its code. */
const PACKAGES: Readonly<Record<string, string>> = {
  alembic: 'op.py',
  flask_migrate: 'templates',
  flask_alembic: 'templates',
  django: 'conf',
  sqlalchemy: 'dialects',
};

/** Whether a folder, given relative to the project, is another project's. */
export function isVendored(path: string): boolean {
  return FOLDERS.test(basename(path));
}

/** Whether a file may belong to a library: it lies in a copied Python package of a migration tool, or in `lib`, where such copies are kept. */
export function isLibrary(file: string, root: string): boolean {
  for (let folder = dirname(file); folder.length > root.length; folder = dirname(folder)) {
    const sign = PACKAGES[basename(folder).toLowerCase()];
    if (sign !== undefined && existsSync(join(folder, '__init__.py')) && existsSync(join(folder, sign))) {
      return true;
    }
    if (basename(folder) === 'lib') {
      return true;
    }
  }
  return false;
}

/** Folders in which a project keeps what its tests, its documentation and its examples need. */
const SIDE_FOLDER =
  /^(?:tests?|spec|specs|__tests__|fixtures?|testdata|test[-_]?data|e2e|examples?|samples?|demos?|docs?|seeds?|templates?|cypress)$/i;

/** Whether a path, given relative to the project, belongs to tests or examples. */
export function isAside(path: string): boolean {
  const parts = path.split(/[\\/]/);
  return parts.slice(0, -1).some((part) => SIDE_FOLDER.test(part)) || /^(?:test|conftest)[_.]|[_.-]test\.\w+$/i.test(parts.at(-1) ?? '');
}
