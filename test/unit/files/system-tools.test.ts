// Specification of what the system's programs say of files: each is known by its own name, however odd that is.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { linkSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plainAmong } from '../../../src/engine/files/system-tools';

describe('files without ACLs and extended attributes', () => {
  it('are told from those with some by names with line ends, backslashes, dashes and umlauts', async function () {
    if (process.platform !== 'linux') {
      this.skip();
    }
    const folder = mkdtempSync(join(tmpdir(), 'pats-names-'));
    try {
      const plain = ['a\\b', '-rf', 'Müller 日本.pdf', ' two  spaces ', 'line\nend', '\t', 'a -> b', '\\303\\274', '"quoted"'];
      const attributed = ['a\\\\b', 'line\\nend', 'ü'];
      [...plain, ...attributed].forEach((name) => {
        writeFileSync(join(folder, name), '');
      });
      try {
        const give = 'import os,sys\nfor name in sys.argv[1:]: os.setxattr("./" + name, "user.pats", b"x")';
        execFileSync('python3', ['-c', give, ...attributed], { cwd: folder, stdio: 'pipe' });
      } catch {
        this.skip();
      }
      assert.deepEqual([...(await plainAmong(folder, [...plain, ...attributed]))].sort(), [...plain].sort());
      linkSync(join(folder, 'a\\\\b'), join(folder, 'further'));
      assert.deepEqual([...(await plainAmong(folder, ['further', 'missing', 'a\\b']))], ['a\\b']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
