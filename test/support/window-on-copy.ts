// A user's window on a new working copy of the example, for all tests of a suite; it is kept how it looked when one failed.
import { standIn } from './stand-in';
import { Workbench, type OpenOptions } from './workbench';
import { WorkingCopy } from './working-copy';

export interface WindowOnCopy {
  readonly window: Workbench;
  readonly copy: WorkingCopy;
}

/** Call it in a `describe`. `prepare` changes the copy before the window opens, and says how it is to be opened. */
export function windowOnCopy(prepare: (copy: WorkingCopy) => Omit<OpenOptions, 'folder'> = () => ({})): WindowOnCopy {
  let copy: WorkingCopy | undefined;
  let window: Workbench | undefined;

  before(async () => {
    copy = new WorkingCopy();
    window = await Workbench.open({ folder: copy.folder, ...prepare(copy) });
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await window?.keepFailure(this.currentTest.title);
    }
  });

  after(async () => {
    await window?.close();
    copy?.remove();
  });

  return { window: standIn(() => window), copy: standIn(() => copy) };
}
