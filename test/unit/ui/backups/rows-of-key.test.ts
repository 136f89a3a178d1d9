// A key in the list means the row with the focus, wherever the selection is.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { rowsOfKey } from '../../../../src/ui/backups/rows-of-key';

/** A list as VS Code has it: the focus can be toggled into the selection, and the rows are made anew each time they are asked for. */
function list(selected: readonly string[], focus: string | null) {
  let keys = [...selected];
  return {
    get selection() {
      return keys.map((key) => ({ key }));
    },
    toggle: () => {
      keys = focus === null ? keys : keys.includes(focus) ? keys.filter((key) => key !== focus) : [...keys, focus];
      return Promise.resolve();
    },
  };
}

async function meant(selected: readonly string[], focus: string | null): Promise<string[]> {
  const view = list(selected, focus);
  const rows = await rowsOfKey(view, ({ key }) => key, view.toggle);
  assert.deepEqual(view.selection.map(({ key }) => key).sort(), [...selected].sort(), 'The selection is as it was.');
  return rows.map(({ key }) => key);
}

describe('the rows of a key', () => {
  it('are the row with the focus alone, when another one is selected', async () => {
    assert.deepEqual(await meant(['alpha'], 'beta'), ['beta']);
    assert.deepEqual(await meant([], 'beta'), ['beta']);
    assert.deepEqual(await meant(['alpha', 'gamma'], 'beta'), ['beta']);
  });

  it('are all selected rows, when the focus is on one of them, and that one is the first', async () => {
    assert.deepEqual(await meant(['alpha'], 'alpha'), ['alpha']);
    assert.deepEqual(await meant(['alpha', 'beta', 'gamma'], 'beta'), ['beta', 'alpha', 'gamma']);
  });

  it('are none without a focus, or when the rows change meanwhile', async () => {
    assert.deepEqual(await meant(['alpha'], null), []);
    let selection = ['alpha'];
    const moved = {
      get selection() {
        return selection;
      },
    };
    const toggle = (): Promise<void> => {
      selection = ['beta', 'gamma'];
      return Promise.resolve();
    };
    assert.deepEqual(await rowsOfKey(moved, (key) => key, toggle), []);
  });
});
