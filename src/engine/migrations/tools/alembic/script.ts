// One Alembic migration file: its ids, read without running it.
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { madeOf } from '../../../limits/reading';
import { MOST_MIGRATION_BYTES } from '../../../limits/sizes';
import { readModule, type Assignment, type Literal } from '../../reading/python/module';
import { PythonSyntaxError } from '../../reading/python/tokens';
import { lookOf } from '../../reading/look';
import type { SchemaProblem } from '../../schema';
import type { ProjectFolder } from '../../tool';
import { said } from '../../../said';

export interface Script {
  readonly revision: string;
  readonly title: string;
  readonly file: string;
  readonly down: readonly string[];
  /** Revisions or branch labels, as written. */
  readonly dependsOn: readonly string[];
  readonly labels: readonly string[];
  readonly line: number;
}

export interface ScriptAnswer {
  /** null: see the problems. */
  readonly script: Script | null;
  readonly problems: readonly SchemaProblem[];
  /** The file is or may become a migration that is not in the answer. */
  readonly incomplete: boolean;
}

const ILLEGAL = /[@+:-]/;
const LEGACY_NAME = /^([a-f0-9]+)\.py$/;

/** Read once for a look. */
export function readScript(file: string, project: ProjectFolder): ScriptAnswer {
  return lookOf(project).once(
    'alembic script',
    file,
    () => madeOf(file, 'alembic script', (text) => parseScript(text, file), MOST_MIGRATION_BYTES) ?? unread(file),
  );
}

function unread(file: string): ScriptAnswer {
  try {
    const stats = statSync(file);
    const why = !stats.isFile()
      ? 'It is no file.'
      : stats.size > MOST_MIGRATION_BYTES
        ? 'The file is larger than 1 MB and was not read.'
        : 'The file cannot be read.';
    return failed(file, why, true);
  } catch {
    return failed(file, 'The file cannot be read.', true);
  }
}

export function parseScript(source: string, file: string): ScriptAnswer {
  try {
    return scriptIn(source, file);
  } catch (error) {
    if (error instanceof PythonSyntaxError) {
      return failed(file, said`The file is not complete: ${error.message}.`, true, error.line);
    }
    throw error;
  }
}

function scriptIn(source: string, file: string): ScriptAnswer {
  const { assignments, docstring } = readModule(source, false);
  const written = assignments.get('revision');
  const revision = written === undefined ? LEGACY_NAME.exec(basename(file))?.[1] : written.value;
  if (revision === undefined && written === undefined) {
    return failed(file, 'This file has no revision: every alembic command fails on it. Move it out of the folder of migrations.', false);
  }
  if (typeof revision !== 'string' || revision === '') {
    return failed(file, 'Its revision is not a plain text, so it cannot be read without running the file.', true, written?.line);
  }
  const down = assignments.get('down_revision');
  if (down === undefined) {
    return failed(file, said`Revision ${revision} has no down_revision.`, true, written?.line);
  }
  const downs = idsOf(down);
  if (downs === undefined) {
    return failed(
      file,
      said`The down_revision of ${revision} is not a plain text or list, so it cannot be read without running the file.`,
      true,
      down.line,
    );
  }
  const depends = assignments.get('depends_on');
  const dependsOn = depends === undefined ? [] : idsOf(depends);
  const problems: SchemaProblem[] = [];
  if (dependsOn === undefined) {
    problems.push({
      message: said`The depends_on of ${revision} is not a plain text or list, so it cannot be read without running the file.`,
      file,
      ...at(depends?.line),
    });
  }
  if (ILLEGAL.test(revision)) {
    problems.push({
      message: said`Alembic does not accept the revision "${revision}": the characters @ - + : are not allowed.`,
      file,
      ...at(written?.line),
    });
  }
  const labels = assignments.get('branch_labels');
  return {
    script: {
      revision,
      title: titleOf(docstring, file),
      file,
      down: downs,
      dependsOn: dependsOn ?? [],
      labels: (labels && idsOf(labels)) ?? [],
      line: written?.line ?? 1,
    },
    problems,
    incomplete: dependsOn === undefined,
  };
}

/** As Alembic reads them: nothing, one id, or several. */
function idsOf({ value }: Assignment): readonly string[] | undefined {
  if (value === null || value === '') {
    return [];
  }
  const ids: readonly (Literal | undefined)[] = Array.isArray(value) ? (value as readonly Literal[]) : [value];
  return ids.every((id) => typeof id === 'string') ? ids : undefined;
}

function titleOf(docstring: string | null, file: string): string {
  const first = (docstring ?? '').trim().split('\n', 1)[0]?.trim() ?? '';
  return first === '' || /^Revision ID:/i.test(first) ? basename(file, '.py') : first;
}

function failed(file: string, message: string, incomplete: boolean, line?: number): ScriptAnswer {
  return { script: null, problems: [{ message, file, ...at(line) }], incomplete };
}

function at(line: number | undefined): { line?: number } {
  return line === undefined ? {} : { line };
}
