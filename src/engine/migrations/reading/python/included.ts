// The modules that `include("components/*.py", optional("local.py"))` of django-split-settings reads into the one that includes them.
import { dirname, join } from 'node:path';
import { entriesOf } from '../look';
import type { Token } from './tokens';

/** More files than anybody splits settings into. */
const MOST = 100;

/** The modules in their order, as `from .components.database import *` would name them. */
export function includedBy(statement: readonly Token[], file: string): string[] {
  return statement
    .flatMap(({ value }) => (value === null ? [] : filesOf(value, dirname(file))))
    .slice(0, MOST)
    .map((path) => `.${path.replace(/\.py$/, '').replaceAll('/', '.')}`);
}

/** The Python files, relative to the folder, that a path or a pattern of names means. */
function filesOf(written: string, folder: string): string[] {
  const [, place = '', name = ''] = /^((?:\w+\/)*)([\w*]+\.py)$/.exec(written) ?? [];
  if (name === '' || !name.includes('*')) {
    return name === '' ? [] : [place + name];
  }
  const [start = '', ...rest] = name.split('*');
  const end = rest.at(-1) ?? '';
  return entriesOf(join(folder, place))
    .map((entry) => entry.name)
    .filter((each) => /^\w+\.py$/.test(each) && each.startsWith(start) && each.endsWith(end))
    .sort()
    .map((each) => place + each);
}
