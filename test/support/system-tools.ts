// Real tools that the system brings: a script in their language reads questions and writes answers, both as JSON.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const repository = process.env['PATS_REPO'] ?? process.cwd();
// Another Python may come first on the PATH and does not see Debian's modules.
const PYTHONS = ['/usr/bin/python3', 'python3'];

export function askPython(module: string, debian: string, script: string, questions: unknown): unknown {
  const python = PYTHONS.find((candidate) => spawnSync(candidate, ['-c', `import ${module}`]).status === 0);
  if (python === undefined) {
    throw new Error(`The real ${module} is not installed. On Debian: apt-get install ${debian}`);
  }
  return ask(python, script, questions);
}

export function askRuby(debian: string, script: string, questions: unknown): unknown {
  if (spawnSync('ruby', ['-e', 'require "active_record"; require "sqlite3"']).status !== 0) {
    throw new Error(`The real Active Record is not installed. On Debian: apt-get install ${debian}`);
  }
  return ask('ruby', script, questions);
}

function ask(program: string, script: string, questions: unknown): unknown {
  const result = spawnSync(program, [join(repository, 'test/support', script)], {
    input: JSON.stringify(questions),
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  if (result.status !== 0) {
    throw new Error(`${script} failed: ${result.error?.message ?? result.stderr}`);
  }
  return JSON.parse(result.stdout);
}
