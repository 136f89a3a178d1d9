// Commands and operations: none declared twice, none forgotten, and every operation is asked for somewhere in the window.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OPERATIONS } from '../../../../src/engine/create-engine';
import { COMMAND_IDS } from '../../../../src/ui/commands/ids';

const repository = process.env['PATS_REPO'] ?? process.cwd();

/** Why the window never asks for it. */
const NOT_IN_THE_WINDOW: Readonly<Record<string, string>> = {
  undo: 'the window restores, by its name, the safety backup that planUndo named in the question: exactly what was agreed to',
  logTable: 'a question with SQL in it is asked in a terminal',
  findRows: 'as logTable',
};

/** Who asks for which operation: file -> names. The files import vscode, so that they are read, not run; there the engine is always called `engine`. */
function asked(): Map<string, Set<string>> {
  const files = readdirSync(join(repository, 'src/ui'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  return new Map(
    files.map((file) => {
      const text = readFileSync(join(repository, 'src/ui', file), 'utf8');
      return [file, new Set([...text.matchAll(/\bengine\??\.(\w+)\b/g)].flatMap(([, name = '']) => (name in OPERATIONS ? name : [])))];
    }),
  );
}

describe('the commands of the window', () => {
  it('are declared once each, in the code and in package.json', () => {
    const { contributes } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
      contributes: { commands: { command: string }[] };
    };
    const declared = contributes.commands.map(({ command }) => command);
    assert.deepEqual(declared, [...new Set(declared)]);
    assert.deepEqual([...COMMAND_IDS], [...new Set<string>(COMMAND_IDS)]);
    // The palette and the docs list them in one order.
    assert.deepEqual(declared, [...COMMAND_IDS]);
  });

  it('and the views ask for every operation of the table but those with a reason', () => {
    const reached = new Set([...asked().values()].flatMap((names) => [...names]));
    const left = Object.keys(OPERATIONS).filter((name) => !reached.has(name));
    assert.deepEqual(left, Object.keys(NOT_IN_THE_WINDOW));
  });
});
