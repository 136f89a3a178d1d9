// A folder that is not trusted, as a user sees it: backups are listed and opened, and nothing else.
import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { PATIENCE_MS, until } from '../support/patience';
import { windowOnCopy } from '../support/window-on-copy';

describe('a user keeps the storage of backups in a folder that is not trusted', function () {
  this.timeout(4 * PATIENCE_MS);
  const { copy, window } = windowOnCopy((made) => {
    made.commandLine('backup', 'first');
    return { trusted: false, settings: { 'security.workspace.trust.startupPrompt': 'never' } };
  });
  before(() => window.showView('PATS Backup'));

  it('backups are listed and can be opened', async () => {
    await window.page.getByText('not trusted: read-only').first().waitFor();
    await window.contextMenu(window.treeItem(/Backup first,/), 'Open Backup Metadata...');
    await until('the metadata', async () => (await window.editorText()).includes('"backup_name": "first"'));
    await window.screenshot('untrusted');
  });

  it('what writes is neither in the palette nor in the menu of a row', async () => {
    await window.page.keyboard.press('F1');
    await window.input.fill('>PATS Backup: ');
    await window.option(/^PATS Backup: Open Backup Metadata/).waitFor();
    await window.screenshot('untrusted-palette');
    for (const name of ['Create Backup', 'Restore Backup', 'Delete Backups', 'Import Backup', 'Doctor']) {
      assert.equal(await window.option(new RegExp(`^PATS Backup: ${name}`)).count(), 0, name);
    }
    await window.page.keyboard.press('Escape');
    await window.treeItem(/Backup first,/).click({ button: 'right' });
    await window.page.getByRole('menuitem', { name: /^Restore Backup\.\.\./ }).waitFor();
    await window.screenshot('untrusted-menu');
    assert.equal(await window.page.getByRole('menuitem', { name: /^Restore Backup\.\.\./, disabled: true }).count(), 1);
  });

  it('a drop is refused, and the message says why', async () => {
    await window.page.keyboard.press('Escape');
    await window.dropFile(window.treeItem(/Backup first,/), 'other.zip', Buffer.from('any'));
    await window.notification('This folder is not trusted: you can only list and open its backups.').waitFor();
    await window.screenshot('untrusted-drop');
    assert.deepEqual(copy.backupNames(), ['first']);
  });
});
