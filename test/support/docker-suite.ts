// A suite with a real Docker: one daemon for all suites of a run, the engine's environment set to it, and nothing left over at the end.
import assert from 'node:assert/strict';
import { newFolder, type Folder } from './folder';
import { needsDocker, OwnDocker, whyNoDocker } from './own-docker';
import { isWhole } from './seed';
import { standIn } from './stand-in';

interface SuiteOptions {
  /** A Docker that no other suite sees: it may be ended in the middle. */
  readonly isAlone?: boolean;
  /** Milliseconds for each test. */
  readonly timeout?: number;
  /** Only "npm run test:faults" has the time for any of it. */
  readonly isInFull?: boolean;
}

/** Each file is bundled by itself: what they share is in the process alone. */
const SHARED = Symbol.for('PATS Backup & Restore: Docker of the tests');
const shared = globalThis as { [SHARED]?: Promise<OwnDocker> | undefined };

/** `home` is the user's state folder while the suite runs. What the suite makes in Docker it removes itself, in hooks of its own. */
export function describeWithDocker(
  title: string,
  suite: (docker: OwnDocker, home: Folder) => void,
  { isAlone = false, timeout = 120_000, isInFull = false }: SuiteOptions = {},
): void {
  const why = whyNoDocker();
  registerEnd();
  describe(title, function () {
    this.timeout(timeout);
    if (isInFull && !isWhole) {
      it('is tried by "npm run test:faults" only', () => undefined);
      return;
    }
    if (why !== null && !needsDocker()) {
      console.log(`Not run: ${why}.`);
      it('is not tried here', () => undefined);
      return;
    }
    let docker: OwnDocker | undefined;
    let home: Folder | undefined;
    const before_ = { DOCKER_HOST: process.env['DOCKER_HOST'], XDG_STATE_HOME: process.env['XDG_STATE_HOME'] };
    before(async () => {
      docker = isAlone ? await OwnDocker.start() : await sharedDocker();
      home = newFolder('state');
      setVariables({ DOCKER_HOST: docker.env['DOCKER_HOST'], XDG_STATE_HOME: home.path });
    });
    suite(
      standIn(() => docker),
      standIn(() => home),
    );
    after(async () => {
      setVariables(before_);
      home?.remove();
      const left = docker?.leftOver() ?? '';
      // The next suite begins with nothing all the same.
      docker?.clear();
      await (isAlone ? docker?.remove() : undefined);
      assert.equal(left, '', 'The suite has left containers, volumes or networks.');
    });
  });
}

/** A test that takes too long for every day. */
export function inFull(title: string, work: (this: Mocha.Context) => Promise<void>): void {
  if (isWhole) {
    it(title, work);
  }
}

/** Started for the first suite that asks. */
async function sharedDocker(): Promise<OwnDocker> {
  shared[SHARED] ??= OwnDocker.start();
  return shared[SHARED];
}

/** A hook outside of all suites: it runs once, after the last test of all files. */
function registerEnd(): void {
  if (!(SHARED in shared)) {
    shared[SHARED] = undefined;
    after(async function () {
      this.timeout(60_000);
      await (await shared[SHARED])?.remove();
    });
  }
}

function setVariables(values: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) {
      Reflect.deleteProperty(process.env, name);
    } else {
      process.env[name] = value;
    }
  }
}
