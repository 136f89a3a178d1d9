// What is read of small files and folders: once in a look, and again whenever it has changed, however soon.
import assert from 'node:assert/strict';
import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { beginLook, entriesWithin, madeOf, textOf } from '../../../src/engine/limits/reading';
import { newFolder } from '../../support/folder';
import { newForEachTest } from '../../support/stand-in';

describe('reading small files', () => {
  const folder = newForEachTest(() => newFolder('reading'));

  it('sees every change between two looks, though length and time of the file are the same', async () => {
    const file = folder.at('settings.ini');
    const time = new Date(Date.now() - 3_600_000);
    for (let round = 0; round < 50; round++) {
      const text = `value = ${String(round).padStart(3, '0')}`;
      await writeFile(file, text);
      if (round % 2 === 0) {
        await utimes(file, time, time);
      }
      beginLook();
      assert.equal(textOf(file), text);
      assert.equal(
        madeOf(file, 'upper case', (read) => read.toUpperCase()),
        text.toUpperCase(),
      );
    }
    const other = folder.at('other.ini');
    await writeFile(other, 'value = abc');
    await utimes(other, time, time);
    beginLook();
    textOf(file);
    await rename(other, file);
    assert.equal(textOf(file), 'value = abc');
    await rm(file);
    assert.equal(textOf(file), null);
  });

  it('makes the same thing of the same text once, also in the next look', async () => {
    const file = folder.at('migration.py');
    await writeFile(file, 'revision = "a"');
    let made = 0;
    const make = (): number => ++made;
    beginLook();
    madeOf(file, 'number', make);
    assert.equal(madeOf(file, 'number', make), 1);
    assert.equal(madeOf(file, 'number', make, 5), null, 'it is too large now');
  });

  it('lists a folder by name, no more than asked for, and sees what came and went', async () => {
    for (const name of ['b', 'a', 'c']) {
      await writeFile(folder.at(name), '');
    }
    const names = (most: number): string[] | undefined => entriesWithin(folder.path, most)?.map((entry) => entry.name);
    beginLook();
    assert.equal(names(2)?.length, 2);
    assert.deepEqual(names(10), ['a', 'b', 'c']);
    await mkdir(folder.at('d'));
    await rm(folder.at('a'));
    beginLook();
    assert.deepEqual(names(10), ['b', 'c', 'd']);
    assert.equal(entriesWithin(folder.at('b'), 10), null);
  });
});
