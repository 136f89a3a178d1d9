// The process that reads a dump may not even begin, e.g. because its program was updated meanwhile: that is said, and no more.
import assert from 'node:assert/strict';
import { Loader } from '../../../../src/engine/sqlite/dump/apart';
import { newFolder } from '../../../support/folder';

describe('a process that reads a dump', () => {
  it('which cannot be started is told of, and ends nothing else', async () => {
    const folder = newFolder('loader');
    const { execPath } = process;
    try {
      process.execPath = folder.at('updated-meanwhile');
      const loader = new Loader(
        { dump: folder.at('dump.sql'), target: folder.at('loaded.db'), budget: null, isGrowing: true, isForALook: true },
        {},
      );
      process.execPath = execPath;
      loader.reached(1, false);
      await loader.gone;
      loader.reached(2, true);
      await assert.rejects(loader.loaded, { code: 'READ_FAILED', message: /^No process can be started that reads the dump: spawn / });
      loader.end();
    } finally {
      process.execPath = execPath;
      folder.remove();
    }
  });
});
