import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { delimiter } from 'node:path';
import { migrationCommand } from '../../../src/engine/migrations/commands/command-line';
import { launchedHere, withInstalledPython } from '../../../src/engine/migrations/commands/launcher';
import { placesOf } from '../../../src/engine/migrations/reading/sqlite-url';
import { platformOf, type Platform } from '../../../src/engine/platform/platform';
import {
  asArgument,
  shellStart,
  shellStarts,
  shownCommand,
  startsIn,
  stepsOf,
  typedLine,
  typedLines,
  typedPath,
  typingShell,
  type Step,
} from '../../../src/engine/platform/shell';
import { newFolder } from '../../support/folder';
import { offeredOn, powershellProblem, programOf, stepsIn } from '../../support/offered-lines';
import { newForEachTest } from '../../support/stand-in';

const [WINDOWS, MACOS, LINUX] = ['win32', 'darwin', 'linux'].map(platformOf) as [Platform, Platform, Platform];

const STEPS: readonly (readonly Step[])[] = [
  [{ folder: '', line: 'alembic upgrade head' }],
  [{ folder: 'backend', line: 'uv run alembic upgrade head' }],
  [{ folder: 'my backend/api (old)', line: 'alembic -c "my conf.ini" upgrade head' }],
  [
    { folder: '', line: 'alembic upgrade head' },
    { folder: 'other/place', line: 'flask db upgrade' },
  ],
  [
    { folder: 'a', line: 'alembic upgrade head' },
    { folder: 'b', line: 'alembic -n users upgrade head' },
    { folder: 'c d', line: 'alembic merge -m "two heads" heads' },
  ],
  [{ folder: '', line: 'docker compose exec -w /app api sh -c "cd x && alembic upgrade head"' }],
];

describe('command lines', () => {
  const place = newForEachTest(() => {
    const { path, remove } = newFolder('shell');
    return { root: path, remove };
  });

  it('come apart into folders and lines as they were put together', () => {
    for (const steps of STEPS) {
      assert.deepEqual(stepsOf(typedLine(steps)), steps);
    }
    assert.deepEqual(stepsOf('cd a && alembic current && (cd ../b && alembic current)'), [
      { folder: 'a', line: 'alembic current' },
      { folder: 'b', line: 'alembic current' },
    ]);
    // What somebody else wrote stays as it is.
    for (const line of [
      'source .venv/bin/activate && alembic upgrade head',
      'make -C backend migrate',
      'cd $HOME/x; alembic upgrade head',
    ]) {
      assert.deepEqual(stepsOf(line), [{ folder: '', line }]);
    }
  });

  it('are handed out on Windows so that cmd and both PowerShells take them', () => {
    const commands = [
      ...STEPS.map(typedLine),
      ...offeredOn(WINDOWS, (command) => launchedHere(command, place.root, place.root, place.root, WINDOWS) ?? ''),
    ];
    const problems = commands
      .flatMap((command) => typedLines(command, WINDOWS))
      .map((line) => [line, powershellProblem(line)])
      .filter(([, problem]) => problem !== null);
    assert.deepEqual(problems, []);
    for (const line of ["sh -c 'x'", 'a && b', '(cd a', 'bin/rails x', '"a b" c', 'echo $x', String.raw`sh -c "a \"b\""`, 'x "a']) {
      assert.notEqual(powershellProblem(line), null, line);
    }
    assert.deepEqual(typedLines(typedLine(STEPS[4] ?? []), WINDOWS), [
      'cd a',
      'alembic upgrade head',
      'cd ../b',
      'alembic -n users upgrade head',
      'cd "../c d"',
      'alembic merge -m "two heads" heads',
    ]);
    assert.equal(shownCommand('cd backend && alembic upgrade head', WINDOWS), 'in backend: alembic upgrade head');
    assert.equal(shownCommand('cd backend && alembic upgrade head', LINUX), 'cd backend && alembic upgrade head');
    assert.deepEqual(shellStart('"C:\\Program Files\\x\\tool" up "two words"', WINDOWS), {
      executable: 'cmd.exe',
      shellArgs: ['/d', '/s', '/c'],
      line: '""C:\\Program Files\\x\\tool" up "two words""',
    });
    assert.equal(asArgument('cd x && alembic upgrade head', WINDOWS), '"cd x && alembic upgrade head"');
    assert.equal(asArgument('flask --app "shop:create_app()" db upgrade', WINDOWS), `"flask --app 'shop:create_app()' db upgrade"`);
    assert.equal(typedPath('backend\\my conf.ini', WINDOWS), '"backend/my conf.ini"');
  });

  it('are started and typed in the shell and the folder that take them', () => {
    const command = 'cd a && alembic upgrade head && cd ../b && flask db upgrade';
    assert.deepEqual(shellStarts(command, LINUX), [{ folder: '', line: command }]);
    assert.deepEqual(
      shellStarts(command, WINDOWS).map(({ folder, executable, line }) => [folder, executable, line]),
      [
        ['a', 'cmd.exe', '"alembic upgrade head"'],
        ['b', 'cmd.exe', '"flask db upgrade"'],
      ],
    );
    assert.deepEqual([LINUX, MACOS, WINDOWS].map(typingShell), [{}, {}, { shellPath: 'cmd.exe' }]);
    const share = String.raw`\\server\share`;
    assert.deepEqual([startsIn(share, WINDOWS), startsIn('C:\\x', WINDOWS), startsIn(share, LINUX)], [false, true, true]);
  });

  it('start programs as each system has them', () => {
    const here = (line: string, platform: Platform): string | null => launchedHere(line, place.root, place.root, place.root, platform);
    assert.deepEqual(
      [LINUX, MACOS, WINDOWS].map((platform) => withInstalledPython('python manage.py migrate', platform, '')),
      ['python manage.py migrate', 'python3 manage.py migrate', 'py manage.py migrate'],
    );
    assert.deepEqual(
      [LINUX, MACOS, WINDOWS].map((platform) => here('bin/rails db:migrate', platform)),
      ['bin/rails db:migrate', 'bin/rails db:migrate', 'ruby bin/rails db:migrate'],
    );
    const { PATH } = process.env;
    process.env['PATH'] = '';
    try {
      assert.deepEqual(
        [LINUX, MACOS, WINDOWS].map((platform) => here('python manage.py migrate', platform)),
        ['python manage.py migrate', 'python3 manage.py migrate', 'py manage.py migrate'],
      );
    } finally {
      process.env['PATH'] = PATH;
    }
    for (const folder of ['bin', 'Scripts']) {
      mkdirSync(join(place.root, '.venv', folder), { recursive: true });
      writeFileSync(join(place.root, '.venv', folder, folder === 'bin' ? 'python' : 'python.exe'), '');
    }
    writeFileSync(join(place.root, '.venv/pyvenv.cfg'), '');
    assert.match(here('python manage.py migrate', WINDOWS) ?? '', /^\.venv.Scripts.python manage\.py migrate$/);
    assert.match(here('python manage.py migrate', MACOS) ?? '', /^\.venv.bin.python manage\.py migrate$/);
  });

  it('are heard in capitals where the system finds programs so', () => {
    assert.equal(migrationCommand('ALEMBIC.EXE upgrade head', WINDOWS)?.tool, 'alembic');
    assert.equal(migrationCommand('ALEMBIC.EXE upgrade head', LINUX), null);
  });

  it('name absolute places as the system spells them', () => {
    assert.deepEqual(placesOf('C:/p/backend/../app.db', 'C:\\p', 'C:\\p', WINDOWS), ['C:\\p\\app.db']);
  });

  for (const shell of ['bash', 'dash', 'zsh', 'fish']) {
    it(`that are offered run in ${shell} in the right folders with the right words`, function () {
      try {
        execFileSync(shell, ['-c', 'true'], { stdio: 'ignore' });
      } catch {
        this.skip();
      }
      const commands = [...offeredOn(LINUX), ...STEPS.map(typedLine)];
      assert.deepEqual(runWithStubs(shell, commands), runWithStubs('/bin/sh', commands));
      const wanted = STEPS.flatMap((steps) =>
        steps.map(({ folder, line }) => {
          const words = (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replace(/^"|"$/g, ''));
          return [join(place.root, folder).replace(/\/$/, ''), ...words].map((word) => `${word}|`).join('');
        }),
      );
      assert.deepEqual(runWithStubs(shell, STEPS.map(typedLine)), wanted);
    });
  }

  /** What programs that only write down where they are and what they are given have said. */
  function runWithStubs(shell: string, commands: readonly string[]): string[] {
    const bin = join(place.root, 'stubs');
    const log = join(place.root, 'log');
    rmSync(log, { force: true });
    for (const { folder, line } of commands.flatMap(stepsIn)) {
      const program = programOf(line);
      const file = program.includes('/') ? join(place.root, folder, program) : join(bin, program);
      mkdirSync(join(place.root, folder), { recursive: true });
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, '#!/bin/sh\nprintf "%s|" "$(pwd)" "${0##*/}" "$@" >> "$LOG"; echo >> "$LOG"\n');
      chmodSync(file, 0o755);
    }
    const script = join(place.root, 'script');
    writeFileSync(script, commands.map((command) => `cd "${place.root}"\n${command}\n`).join(''));
    const env = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`, LOG: log, HOME: place.root };
    execFileSync(shell, [script], { cwd: place.root, env, stdio: 'ignore' });
    return readFileSync(log, 'utf8').trim().split('\n');
  }
});
