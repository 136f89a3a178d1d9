// What each verb of the command line asks of the engine, on a real project; together they reach every operation but those listed here.
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { Context } from '../../../src/cli/context';
import { EXIT } from '../../../src/cli/exit-codes';
import { Output } from '../../../src/cli/output';
import { parseArguments } from '../../../src/cli/program';
import { createEngine, OPERATIONS } from '../../../src/engine/create-engine';
import type { Engine } from '../../../src/engine/engine';
import { makeProject } from '../../support/pats-project';
import { newForSuite } from '../../support/stand-in';

type Operation = keyof Engine;

/** A day with the command line, in this order; `ROOT` stands for the project's folder. What asks is answered with yes. */
const DAY: readonly (readonly [line: string, ...operations: Operation[]])[] = [
  ['backup first', 'create'],
  ['auto-backup', 'create'],
  ['auto-backup --if-changed', 'status', 'show'],
  ['list', 'list'],
  ['show first', 'show'],
  ['show first --tables', 'lookInside'],
  ['status', 'status'],
  ['status --project ROOT/backend/uploads', 'status'],
  ['diff first', 'compare'],
  ['diff first --uploads', 'compare'],
  ['log alembic_version', 'logTable'],
  ['find companies --where id=1', 'findRows'],
  ['status --graph', 'migrationMap'],
  ['verify', 'verify'],
  ['pin first', 'setPinned'],
  ['unpin first', 'setPinned'],
  ['drill first', 'drill'],
  ['recover --dry-run', 'recover'],
  ['recover', 'recover'],
  ['repair first --dry-run', 'planRepair'],
  ['repair first', 'repair'],
  ['restore first --dry-run', 'planRestore'],
  ['restore first', 'planRestore', 'container', 'restore'],
  ['restore first --uploads-only', 'planRestore', 'restore'],
  ['restore first --force', 'restore'],
  ['restore first --force --table companies --missing', 'restore'],
  ['undo --dry-run', 'planUndo'],
  ['undo', 'planUndo', 'container', 'undo'],
  ['undo --force', 'undo'],
  ['dump ROOT/out.sql', 'dump'],
  ['restore-dump ROOT/out.sql', 'container', 'restoreDump'],
  ['restore-dump ROOT/out.sql --force', 'restoreDump'],
  ['export first ROOT/first.zip', 'exportBackup'],
  ['delete first', 'list', 'remove'],
  ['import ROOT/first.zip', 'importBackup'],
  ['delete first --force', 'remove'],
  ['backup second', 'create'],
  ['backup third', 'create'],
  ['prune --keep-last 2 --dry-run', 'planPrune'],
  ['prune --keep-last 2', 'planPrune', 'prune'],
  ['prune --keep-last 1 --force', 'planPrune', 'prune'],
  ['doctor', 'doctor'],
];

/** Why no verb asks for it. */
const NOT_BY_A_VERB: Partial<Record<Operation, string>> = {
  setNote: 'backup --note writes it; only the window edits it later',
  locateRevision: 'the window says where a revision comes from when it offers a backup that fits',
  discover: 'status tells where a database was looked for; only the window asks for the choices alone',
  checkLive: 'judges a migration that the window ran',
  ignoreState: 'the window offers to add the backups folder to .gitignore',
  switchContainer: 'the window stops and starts the service around a restore; in a terminal that is one line of docker compose',
  storage: 'the window warns of the size of all backups',
};

/** Somebody at the terminal who says yes to everything. */
class Agreeing extends Context {
  override requireForceWithoutTerminal(): void {
    // There is somebody to ask.
  }

  override confirmed(): Promise<void> {
    return Promise.resolve();
  }
}

/** The real engine, and what is asked of it. */
function overheard(asked: Operation[]): Engine {
  const engine = createEngine();
  return new Proxy(engine, {
    get: (_engine, name: Operation) => {
      asked.push(name);
      return Reflect.get(engine, name) as unknown;
    },
  });
}

function nowhere(): NodeJS.WritableStream {
  return new PassThrough().resume();
}

const verbs = (): string[] => {
  const help = parseArguments(['--help'], '1.2.3');
  assert.ok(help.kind === 'printed');
  const commands = /\nCommands:\n([^]*?)\n\n/.exec(help.text)?.[1] ?? '';
  return [...commands.matchAll(/^ {2}([\w-]+)/gm)].flatMap(([, verb = '']) => (verb === 'help' ? [] : verb));
};

describe('the verbs of the command line', function () {
  this.timeout(60_000);
  const project = newForSuite(makeProject);

  for (const [line, ...operations] of DAY) {
    it(`"${line}" asks the engine to ${operations.join(', ')}`, async () => {
      const parsed = parseArguments(line.replaceAll('ROOT', project.root).split(' '), '1.2.3');
      assert.ok(parsed.kind === 'verb');
      const asked: Operation[] = [];
      const request = { root: parsed.options.project ?? project.root };
      const output = new Output({ json: false, quiet: false }, nowhere(), nowhere());
      const code = await parsed.verb(new Agreeing(overheard(asked), request, output, new AbortController().signal));
      assert.deepEqual(asked, operations);
      // What the doctor finds is a matter of the machine.
      assert.ok(code === EXIT.done || line === 'doctor', `exit code ${code}`);
    });
  }

  it('are each in the list above, and each is there once in the help', () => {
    const inHelp = verbs();
    assert.deepEqual([...new Set(DAY.map(([line]) => line.split(' ')[0]))].sort(), [...inHelp].sort());
    assert.equal(new Set(inHelp).size, inHelp.length);
  });

  it('reach every operation of the table but those with a reason', () => {
    const reached = new Set(DAY.flatMap(([, ...operations]) => operations));
    const left = Object.keys(OPERATIONS).filter((name) => !reached.has(name as Operation));
    assert.deepEqual(left.sort(), Object.keys(NOT_BY_A_VERB).sort());
  });
});
