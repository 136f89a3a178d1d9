// On Windows the window gives each shell lines that it understands: what is typed, what is copied, and what a task runs.
import { editor } from '../../../support/stand-in-vscode';
import assert from 'node:assert/strict';
import { platformOf } from '../../../../src/engine/platform/platform';
import { copyCommand } from '../../../../src/ui/commands/migration-command';
import type { CommandParts } from '../../../../src/ui/commands/parts';
import { runVisibly } from '../../../../src/ui/migrating/visible-run';
import type { OpenProject } from '../../../../src/ui/window/projects';
import { runInTerminal } from '../../../../src/ui/window/terminal';

const windows = platformOf('win32');
const linux = platformOf('linux');
const LINE = 'cd backend && alembic upgrade head';
const projectAt = (root: string): OpenProject => ({ name: 'p', root, folder: {} }) as unknown as OpenProject;

describe('the shells of Windows', () => {
  it('are typed into line by line, in cmd, which every Windows has', () => {
    runInTerminal(projectAt('C:\\one'), [LINE], windows);
    const { options, typed } = editor.terminals.at(-1) ?? assert.fail();
    assert.deepEqual([options.shellPath, options.cwd], ['cmd.exe', 'C:\\one']);
    assert.deepEqual(typed, ['cd backend', 'alembic upgrade head']);
  });

  it('are those of the user elsewhere', () => {
    runInTerminal(projectAt('/one'), [LINE], linux);
    const { options, typed } = editor.terminals.at(-1) ?? assert.fail();
    assert.equal(options.shellPath, undefined);
    assert.deepEqual(typed, [LINE]);
  });

  it('get what was copied line by line', async () => {
    await copyCommand({} as CommandParts, windows)({ kind: 'command', project: projectAt('C:\\one'), line: LINE });
    assert.equal(editor.clipboard, 'cd backend\nalembic upgrade head');
  });

  it('run each step of a migration in its folder', async () => {
    editor.lines.length = 0;
    assert.equal(await runVisibly(projectAt('C:\\one'), `${LINE} && echo done`, windows), 0);
    assert.ok(editor.lines.length > 0);
    assert.ok(editor.lines.every(({ line }) => !/^cd /.test(line)));
    assert.match(JSON.stringify(editor.lines[0]?.options), /backend.*cmd\.exe/);
  });

  it('start nothing on a network path, and say so before anything runs', async () => {
    editor.lines.length = 0;
    await assert.rejects(runVisibly(projectAt('\\\\server\\share'), LINE, windows), {
      code: 'REFUSED',
      message: 'Windows starts no command in \\\\server\\share: it is a network path.',
    });
    assert.deepEqual(editor.lines, []);
  });
});
