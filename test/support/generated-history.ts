// Random Alembic projects on the real disk: graphs with merges, branches, labels and dependencies, in odd formatting.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Chance } from './random';

export interface GeneratedRevision {
  readonly id: string;
  readonly down: readonly string[];
  /** Revisions, whatever was written: a label stands for its revision. */
  readonly depends: readonly string[];
  readonly label: string | null;
}

export interface GeneratedProject {
  readonly root: string;
  /** Where the commands run. */
  readonly folder: string;
  readonly ini: string;
  readonly revisions: readonly GeneratedRevision[];
}

const WORDS = ['kilo', 'v3.2.0.a', '20260401_repair', 'Ärger', 'add_users', '0001', 'x', 'release.1'];

/** Writes a project with up to `size` revisions below `root`. */
export function generateProject(chance: Chance, root: string, size: number): GeneratedProject {
  const revisions = generateGraph(chance, chance.below(size + 1));
  const folder = chance.is(0.5) ? root : join(root, 'backend');
  const versions = writeConfiguration(chance, folder);
  for (const name of versions) {
    mkdirSync(name, { recursive: true });
  }
  // A listing's order is nobody's promise.
  for (const revision of chance.some(revisions, revisions.length)) {
    writeFileSync(join(chance.of(versions), `${fileName(chance, revision.id)}.py`), sourceOf(chance, revision, revisions));
  }
  writeFileSync(join(chance.of(versions), '__init__.py'), 'revision = ');
  writeFileSync(join(chance.of(versions), 'README'), 'revision = "nothing"');
  return { root, folder, ini: join(folder, 'alembic.ini'), revisions };
}

function generateGraph(chance: Chance, size: number): GeneratedRevision[] {
  const revisions: GeneratedRevision[] = [];
  for (let index = 0; index < size; index++) {
    const heads = revisions.filter(({ id }) => !revisions.some(({ down }) => down.includes(id)));
    const id = idOf(chance, revisions);
    const isBase = index === 0 || chance.is(0.12);
    const from = chance.is(0.75) ? heads : revisions;
    const down = isBase ? [] : chance.some(from, chance.is(0.25) ? 2 + chance.below(2) : 1).map((parent) => parent.id);
    const others = revisions.filter((other) => !down.includes(other.id));
    const depends = chance.is(0.2) ? chance.some(others, 1 + chance.below(2)).map((other) => other.id) : [];
    revisions.push({ id, down, depends, label: chance.is(0.15) ? `branch_${index}` : null });
  }
  return revisions;
}

function idOf(chance: Chance, taken: readonly GeneratedRevision[]): string {
  const word = chance.of(WORDS);
  if (chance.is(0.15) && !taken.some(({ id }) => id === word)) {
    return word;
  }
  return Array.from({ length: 12 }, () => chance.below(16).toString(16)).join('');
}

function fileName(chance: Chance, id: string): string {
  const unique = Buffer.from(id).toString('hex').slice(0, 40);
  return chance.of([`${unique}_add_things`, `2026_04_01_1200-${unique}`, `Überarbeitung ${unique}`, `v${unique}.final`]);
}

/** Returns the folders in which the migrations may lie. */
function writeConfiguration(chance: Chance, folder: string): string[] {
  const name = chance.of(['alembic', 'migrations', 'db migrations']);
  const isPackage = chance.is(0.15) && !name.includes(' ');
  const scripts = isPackage ? join(folder, 'src/app', name) : join(folder, name);
  mkdirSync(scripts, { recursive: true });
  writeFileSync(join(scripts, 'env.py'), 'from alembic import context\n');
  writeFileSync(join(scripts, 'script.py.mako'), '');
  if (isPackage) {
    writeFileSync(join(folder, 'src/app/__init__.py'), '');
    writeFileSync(join(scripts, '__init__.py'), '');
  }
  // Python remembers an imported package by its name, so that one process must not meet the same name twice.
  const location = isPackage ? `%(here)s/src/app/${name}` : chance.of([name, `./${name}`, `%(here)s/${name}`, `%(base)s/${name}`]);
  const lines = [`script_location = ${location}`, `base = ${folder}`, 'prepend_sys_path = .', 'file_template = %%(rev)s_%%(slug)s'];
  const versions = join(scripts, 'versions');
  const folders = chance.is(0.3) ? [versions, join(folder, 'more'), join(folder, 'extra/versions')] : [versions];
  if (folders.length > 1) {
    const written = [`%(here)s/${isPackage ? `src/app/${name}` : name}/versions`, `${folder}/more`, 'extra/versions', 'not/there'];
    const isPlain = !folders.some((path) => path.includes(' '));
    lines.push(
      ...chance.of([
        ...(isPlain ? [[`version_locations = ${written.join(', ')}`], [`version_locations = ${written.join(' ')}`]] : []),
        ...(isPlain ? [[`version_locations: ${written.join(' ')}`, 'version_path_separator: space']] : []),
        [`version_locations = ${written.join(':')}`, 'version_path_separator = os'],
        [`version_locations = ${written.join(';')}`, 'version_path_separator = ;'],
      ]),
    );
  }
  const order = chance.some(lines, lines.length);
  writeFileSync(
    join(folder, 'alembic.ini'),
    ['# a comment', '[alembic]', ...order, '', '[loggers]', 'keys = root', ''].join(chance.of(['\n', '\r\n'])),
  );
  return folders;
}

function sourceOf(chance: Chance, revision: GeneratedRevision, all: readonly GeneratedRevision[]): string {
  const depends = revision.depends.map((id) => {
    const label = all.find((other) => other.id === id)?.label;
    return label && chance.is(0.5) ? label : id;
  });
  const assignments = [
    assignment(chance, 'revision', text(chance, revision.id), 'str'),
    assignment(
      chance,
      'down_revision',
      list(chance, revision.down),
      chance.of(['Union[str, Sequence[str], None]', 'str | None', "'str | tuple[str, ...] | None'", 'None']),
    ),
    ...(revision.label || chance.is(0.8)
      ? [assignment(chance, 'branch_labels', list(chance, revision.label === null ? [] : [revision.label]), 'object')]
      : []),
    ...(depends.length > 0 || chance.is(0.8) ? [assignment(chance, 'depends_on', list(chance, depends), 'object')] : []),
  ];
  const lines = [
    ...(chance.is(0.1) ? ['# -*- coding: utf-8 -*-'] : []),
    docstring(chance, revision),
    'from __future__ import annotations',
    ...(chance.is(0.3)
      ? ['import os', 'DEBUG = os.environ.get("DEBUG", {1: (2,)})', 'revision = "overwritten"; down_revision = (  # later', ')']
      : []),
    ...(chance.is(0.15) ? [chance.some(assignments, assignments.length).join('; ')] : chance.some(assignments, assignments.length)),
    '',
    '',
    'def upgrade():',
    "    revision = 'a local name'",
    `    text = """down_revision = 'no'`,
    `down_revision = 'no'`,
    '"""',
    '    pass',
    '',
    'class Row:',
    "    down_revision = 'an attribute'",
    ...(chance.is(0.5) ? ['def downgrade(): pass'] : []),
  ];
  return (chance.is(0.1) ? '\uFEFF' : '') + lines.join(chance.of(['\n', '\n', '\r\n'])) + chance.of(['', '\n']);
}

function docstring(chance: Chance, { id }: GeneratedRevision): string {
  const title = `Change ${id.slice(0, 4)}`;
  return chance.of([
    `"""${title}\n\nRevision ID: a lie\nRevises: another\n\n"""`,
    `'''${title}'''`,
    `"""\n${title}\n"""`,
    `"${title}"`,
    `r"""${title}\n\nrevision = 'not this'\n"""`,
  ]);
}

function assignment(chance: Chance, name: string, value: string, type: string): string {
  return chance.of([
    `${name} = ${value}`,
    `${name}=${value}`,
    `${name}: ${type} = ${value}`,
    `${name}  :${type}=  ${value}  `,
    `${name} = \\\n    ${value}`,
  ]);
}

function list(chance: Chance, ids: readonly string[]): string {
  const [only, ...more] = ids.map((id) => text(chance, id));
  if (only === undefined) {
    return chance.of(['None', '()', 'None', '[]']);
  }
  if (more.length === 0 && chance.is(0.6)) {
    return only;
  }
  const all = [only, ...more];
  return chance.of([
    `(${all.join(', ')},)`,
    `[${all.join(', ')}]`,
    `[\n    ${all.join(',  # one, two\n    ')},\n]`,
    ...(more.length > 0 ? [all.join(', '), `(\n${all.join('\n,  ')} )`] : []),
    // A set of one is not a down_revision for every version of Alembic.
    ...(more.length > 0 ? [`{${all.join(', ')}}`] : []),
  ]);
}

function text(chance: Chance, value: string): string {
  const half = Math.floor(value.length / 2);
  const [head, tail] = [value.slice(0, half), value.slice(half)];
  return chance.of([
    `'${value}'`,
    `"${value}"`,
    `"""${value}"""`,
    `r'${value}'`,
    `u"${value}"`,
    `('${value}')`,
    `('${head}'  # the first half\n "${tail}")`,
    `'${Array.from(value, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}'`,
    `('${head}' + '${tail}')`,
  ]);
}
