// Specification of the pages: what they say, that text from files stays text, and what their links run.
import assert from 'node:assert/strict';
import type { BackupEntry, Finding, PruneDecision } from '../../../../src/engine/engine';
import { ACT_ON_BACKUP, backupPage } from '../../../../src/ui/text/backup-page';
import { doctorPage } from '../../../../src/ui/text/doctor-page';
import { DELETE_PRUNED, prunePage } from '../../../../src/ui/text/prune-page';

const HOSTILE = '<img src=x onerror=alert(1)>" \'&';
const now = new Date('2026-03-01T12:00:00Z');
const reader = { now, locale: 'en' };

/** What the links of a page run, with their arguments. */
function linksOf(page: string): [command: string, args: unknown][] {
  return [...page.matchAll(/href="command:([^?"]+)(?:\?([^"]*))?"/g)].map(([, command = '', query]) => [
    command,
    query === undefined ? [] : (JSON.parse(decodeURIComponent(query)) as unknown),
  ]);
}

function assertHarmless(page: string): void {
  assert.doesNotMatch(page, /<img/);
  assert.ok(page.includes('&lt;img src=x onerror=alert(1)&gt;&quot; &#39;&amp;'), page);
}

describe('the page of a backup', () => {
  const entry: BackupEntry = {
    name: HOSTILE,
    path: '/backups/x',
    status: 'incomplete',
    reason: HOSTILE,
    sizeBytes: 2048,
    manifest: undefined,
  } as unknown as BackupEntry;

  it('shows text from files as text', () => {
    assertHarmless(backupPage(entry, '/project', reader, true));
  });

  it('offers what changes something for complete backups in trusted folders only', () => {
    const complete = { ...entry, name: 'good', status: 'ok' } as BackupEntry;
    const commands = (canChange: boolean, of = complete): unknown[] =>
      linksOf(backupPage(of, '/p', reader, canChange)).map(([id, args]) => [id, (args as unknown[])[0]]);
    assert.ok(commands(true).some((each) => (each as unknown[])[1] === 'patsBackup.restore'));
    assert.deepEqual(commands(false), []);
    assert.deepEqual(commands(true, entry), []);
  });

  it('names the project and the backup in each link', () => {
    const page = backupPage({ ...entry, status: 'ok' }, '/a "b"', reader, true);
    for (const [id, args] of linksOf(page)) {
      assert.equal(id, ACT_ON_BACKUP);
      assert.deepEqual((args as unknown[]).slice(1), ['/a "b"', HOSTILE]);
    }
  });
});

describe('the page of the doctor', () => {
  const findings: Finding[] = [
    { topic: 'Database', level: 'ok', message: 'Fine.', remedy: '' },
    { topic: 'Uploads', level: 'problem', message: `/home/me/x ${HOSTILE}`, remedy: 'Mend it.' },
  ];

  it('tells problems first, what to do, and nothing of the home folder', () => {
    const page = doctorPage(findings, 'pats', '/home/me');
    assertHarmless(page);
    assert.ok(page.indexOf('<strong>Uploads') < page.indexOf('<strong>Database'));
    assert.match(page, /What to do: Mend it\./);
    assert.doesNotMatch(page, /\/home\/me/);
  });
});

describe('the page of retention', () => {
  const decisions: PruneDecision[] = [
    { name: 'new', action: 'keep', reason: 'it is the newest good backup' },
    { name: 'old', action: 'remove', reason: HOSTILE },
  ];
  const storage = { totalBytes: 4096, freeBytes: null, backups: [{ name: 'old', ownBytes: 2048, sharedBytes: 0 }] };

  it('tells first what would be deleted, why, and what that frees', () => {
    const page = prunePage(decisions, storage, 'pats', '/project', 'en');
    assertHarmless(page);
    assert.ok(page.indexOf('old') < page.indexOf('it is the newest good backup'));
    assert.match(page, /2 KB/);
    assert.deepEqual(
      linksOf(page).filter(([id]) => id === DELETE_PRUNED),
      [[DELETE_PRUNED, ['/project', ['old']]]],
    );
  });

  it('offers no deletion when everything is kept', () => {
    const page = prunePage(decisions.slice(0, 1), storage, 'pats', '/project', 'en');
    assert.ok(!linksOf(page).some(([id]) => id === DELETE_PRUNED));
  });
});
