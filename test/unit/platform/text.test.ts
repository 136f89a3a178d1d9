import assert from 'node:assert/strict';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readPassphrase } from '../../../src/cli/secrets';
import { readSettings } from '../../../src/engine/project/settings';
import { createEngine } from '../../../src/engine/create-engine';
import { failsWith } from '../../support/failing';
import { makeProject } from '../../support/pats-project';
import { newForEachTest } from '../../support/stand-in';

const engine = createEngine();
const swapped = (bytes: Buffer): Buffer => Buffer.from(bytes).swap16();
const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');

/** As the editors and shells of the platforms write a text. */
const ENCODINGS: Readonly<Record<string, (text: string) => Buffer>> = {
  'UTF-8': (text) => Buffer.from(text),
  'UTF-8 with a mark': (text) => Buffer.from(`\ufeff${text}`),
  'UTF-16, as PowerShell 5.1 writes it': utf16,
  'UTF-16, big endian': (text) => swapped(utf16(text)),
};

describe('files that people write', () => {
  const project = newForEachTest(makeProject);
  const write = (name: string, bytes: Buffer): string => {
    const file = join(project.root, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    return file;
  };

  for (const [name, encode] of Object.entries(ENCODINGS)) {
    it(`are understood in ${name}: passphrase, settings, .env`, async () => {
      const file = write('pass.txt', encode('sécret\r\nnot this\r\n'));
      assert.deepEqual(await readPassphrase(file), { passphrase: 'sécret' });
      write('.vscode/settings.json', encode('{ "patsBackup.backupsFolder": "élsewhere" }'));
      assert.deepEqual(await readSettings(project.root), { backups: 'élsewhere' });
      renameSync(project.database, join(project.root, 'shop.data'));
      write('.env', encode('DATABASE_URL=sqlite:///shop.data\r\n'));
      assert.equal((await engine.status({ root: project.root })).database, join(project.root, 'shop.data'));
    });
  }

  it('make no passphrase when they are no text', async () => {
    for (const bytes of [utf16('secret').subarray(2), Buffer.from([0x73, 0xe9, 0x63])]) {
      await failsWith('USAGE', readPassphrase(write('pass.txt', bytes)));
    }
  });
});
