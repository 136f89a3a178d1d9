// What the packages of the eight targets are made of: the right native library, licences, and a page whose links lead somewhere.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { targetOf } from '../../../scripts/binary-target.mjs';
import { extensionPage } from '../../../scripts/extension-page.mjs';
import { root, TARGETS } from '../../../scripts/paths.mjs';
import { thirdPartyNotices } from '../../../scripts/third-party.mjs';

const libraries = join(root, 'node_modules/better-sqlite3/prebuilds');
const page = join(root, 'docs/extension-page.md');

describe('packages', () => {
  it('have a native library for each target, whose own header says so', () => {
    const told = TARGETS.map((target) => targetOf(readFileSync(join(libraries, `${target.replace('alpine', 'linuxmusl')}.node`))));
    assert.deepEqual(told, TARGETS);
    assert.equal(TARGETS.length, 8);
    assert.equal(targetOf(Buffer.from(`MZ${'\0'.repeat(200)}`)), null);
    assert.equal(targetOf(Buffer.alloc(64)), null);
  });

  it('have a page that works without the repository, and leads to it where its address is known', () => {
    const alone = extensionPage(page, null);
    // The editor shows only pictures that have a whole address.
    assert.doesNotMatch(alone, /!\[|\]\((?!https:|#)/);
    assert.match(alone, /the guide, by situation/);
    const published = extensionPage(page, 'https://example.org/owner/name');
    assert.doesNotMatch(published, /\]\((?!https:|#)/);
    assert.match(published, /\(https:\/\/example\.org\/owner\/name\/raw\/HEAD\/media\/screenshots\/backups\.png\)/);
    assert.match(published, /\(https:\/\/example\.org\/owner\/name\/blob\/HEAD\/docs\/guide\.md\)/);
  });

  it('name the licence of everything that is bundled, and nothing that may not be passed on is', async () => {
    const notices = await thirdPartyNotices(root, ['src/extension.ts', 'node_modules/zod/v4/index.js'], ['better-sqlite3']);
    assert.match(notices, /^zod [\d.]+ \(MIT\)$/m);
    assert.match(notices, /^better-sqlite3 [\d.]+ \(MIT\)$/m);
    assert.match(notices, /^SQLite$/m);
    await assert.rejects(thirdPartyNotices(root, [], ['no-such-package']));
    const built = readFileSync(join(root, 'dist/ThirdPartyNotices.txt'), 'utf8');
    for (const name of ['age-encryption', 'commander', 'simple-git', 'yaml', 'zod']) {
      assert.ok(built.includes(`\n${name} `), name);
    }
  });
});
