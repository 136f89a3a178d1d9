// The batch file and generated command lines, run by the real cmd: on Windows, and in Wine.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { platformOf } from '../../../src/engine/platform/platform';
import { asArgument, shellStart, shellStarts, typedLine, typedLines, type Step } from '../../../src/engine/platform/shell';
import { launchedHere } from '../../../src/engine/migrations/commands/launcher';
import { manifest, REPOSITORY } from '../../support/cli-project';
import { offeredOn, programOf, stepsIn } from '../../support/offered-lines';
import { makeProject } from '../../support/pats-project';
import { newForEachTest } from '../../support/stand-in';

const WINDOWS = platformOf('win32');
const BATCH = join(REPOSITORY, 'bin/pats-backup.cmd');

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** As cmd gets it: nothing is quoted by Node. */
function cmd(line: string, cwd: string, env: NodeJS.ProcessEnv = {}): Ended {
  return spawnSync('cmd.exe', ['/d', '/s', '/c', `"${line}"`], {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    windowsVerbatimArguments: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const suite = (): void => {
  describe('pats-backup.cmd', function () {
    this.timeout(60_000);
    const project = newForEachTest(makeProject);

    for (const [what, env] of [
      ['on a Node of the PATH', {}],
      ["with a Node of the editor's that cannot be asked", { PATS_BACKUP_NODE: 'C:\\no\\such\\node.exe' }],
    ] as const) {
      it(`hands on quotes, brackets and what the shell itself means by something (${what})`, () => {
        for (const [number, note] of ['before (the) migration)', 'a & b | c > d', 'caret ^ and "inner" quotes'].entries()) {
          const name = `b${number}`;
          const result = cmd(`"${BATCH}" backup ${name} --json --note "${note.replaceAll('"', '""')}"`, project.root, env);
          assert.equal(result.status, 0, `${note}\n${result.stderr}${result.stdout}`);
          assert.equal(manifest.parse(JSON.parse(result.stdout))['note'], note);
        }
        assert.ok(!existsSync(join(project.root, 'd')));
      });
    }

    it('has brackets without quotes in arguments, hands the exit code on, and asks nobody who is not there', () => {
      assert.equal(cmd(`"${BATCH}" backup a(1)`, project.root).status, 0);
      assert.ok(existsSync(join(project.backups, 'a(1)')));
      const refused = cmd(`"${BATCH}" restore a(1)`, project.root);
      assert.deepEqual([refused.status, /no terminal to ask on/.test(refused.stderr)], [3, true]);
      assert.equal(cmd(`"${BATCH}" show nothing`, project.root).status, 1);
    });
  });

  describe('command lines in cmd', () => {
    const project = newForEachTest(makeProject);
    const steps: readonly (readonly Step[])[] = [
      [{ folder: '', line: 'alembic upgrade head' }],
      [{ folder: 'my backend/api (old)', line: 'alembic -c "my conf.ini" upgrade head' }],
      [
        { folder: 'a', line: 'alembic upgrade head' },
        { folder: 'b', line: 'alembic -n users upgrade head' },
        { folder: 'c d', line: 'alembic merge -m "two heads" heads' },
      ],
      [
        {
          folder: '',
          line: `docker compose exec -w /app api sh -c ${asArgument('cd x && flask --app "shop:create_app()" db upgrade', WINDOWS)}`,
        },
      ],
    ];

    /** Programs that write down where they are and what they are given, as it stands in the line. */
    function stubs(programs: Iterable<string>): string {
      const folder = join(project.root, 'stubs');
      mkdirSync(folder);
      for (const name of new Set(programs)) {
        writeFileSync(join(folder, `${name}.cmd`), `@echo %CD%$${name}$%*>>"%LOG%"\r\n`);
      }
      return folder;
    }

    it('that are offered run in the right folders with the right words, as tasks and typed line by line', function () {
      this.timeout(120_000);
      const log = join(project.root, 'log');
      const named = (command: string): string => launchedHere(command, project.root, project.root, project.root, WINDOWS) ?? '';
      const asTasks = steps.map(typedLine);
      const commands = [...asTasks, ...offeredOn(WINDOWS, named)];
      const wanted = commands.flatMap(stepsIn).map(({ folder, line }) => {
        mkdirSync(join(project.root, folder), { recursive: true });
        return `${join(project.root, folder)}$${programOf(line)}$${line.slice(programOf(line).length + 1)}`;
      });
      const env = { LOG: log, PATH: `${stubs(commands.flatMap(stepsIn).map(({ line }) => programOf(line)))};${process.env['PATH'] ?? ''}` };
      const said = (): string[] => {
        const lines = readFileSync(log, 'utf8').trim().split(/\r?\n/);
        rmSync(log);
        return lines;
      };
      for (const { folder, executable = '', shellArgs = [], line } of asTasks.flatMap((command) => shellStarts(command, WINDOWS))) {
        spawnSync(executable, [...shellArgs, line], {
          cwd: join(project.root, folder),
          env: { ...process.env, ...env },
          windowsVerbatimArguments: true,
          stdio: 'ignore',
        });
      }
      assert.deepEqual(said(), wanted.slice(0, asTasks.flatMap(stepsIn).length));
      // In a batch file, another one ends the first unless it is called.
      const called = (line: string): string => (line.startsWith('cd ') ? line : `call ${line}`);
      const typed = commands.flatMap((command) => [`cd /d "${project.root}"`, ...typedLines(command, WINDOWS)]);
      const script = join(project.root, 'typed.cmd');
      writeFileSync(script, typed.map((line) => `@${called(line)}\r\n`).join(''));
      cmd(`"${script}"`, project.root, env);
      assert.deepEqual(said(), wanted);
    });

    it('start a program whose path is in quotes, with arguments in quotes', () => {
      const folder = join(project.root, 'Program Files (x)');
      mkdirSync(folder);
      const log = join(project.root, 'log');
      writeFileSync(join(folder, 'tool.cmd'), `@echo %~1,%~2>"${log}"\r\n`);
      const start = shellStart(`"${join(folder, 'tool.cmd')}" up "two words"`, WINDOWS);
      spawnSync(start.executable ?? '', [...(start.shellArgs ?? []), start.line], { windowsVerbatimArguments: true, stdio: 'ignore' });
      assert.equal(readFileSync(log, 'utf8').trim(), 'up,two words');
    });
  });
};

if (process.platform === 'win32') {
  suite();
}
