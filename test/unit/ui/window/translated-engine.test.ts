// What the window hears of the real engine in German, and what stays as it is: names, paths and notes.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createEngine } from '../../../../src/engine/create-engine';
import { translatedEngine } from '../../../../src/ui/window/translated-engine';
import { makeProject } from '../../../support/pats-project';
import { newForEachTest } from '../../../support/stand-in';

const repository = process.env['PATS_REPO'] ?? process.cwd();
const speechOf = (language: string) => ({ file: join(repository, 'l10n', `engine.${language}.json`), language });

describe('the engine in another language', () => {
  const project = newForEachTest(makeProject);

  it('says errors, remedies, reasons and findings in it', async () => {
    const engine = translatedEngine(createEngine(), speechOf('de'));
    const request = { root: project.root };
    await assert.rejects(engine.show(request, { name: 'nowhere' }), {
      name: 'BackupError',
      code: 'BACKUP_NOT_FOUND',
      message: /^In .* gibt es keine Sicherung namens „nowhere“\.$/,
      remedy: 'Listen Sie die Sicherungen auf, um ihre Namen zu sehen.',
    });
    const note = 'Nothing was changed.';
    const created = await engine.create(request, { name: 'Choose another backup.'.replace(/\W/g, '_'), note, trigger: 'manual' });
    assert.deepEqual([created.note, created.backup_name], [note, 'Choose_another_backup_']);
    const [decision] = await engine.planPrune(request, {});
    assert.equal(decision?.reason, 'sie ist die neueste gute Sicherung');
    const findings = await engine.doctor(request);
    const english = findings
      .flatMap(({ topic, message, remedy }) => [topic, message, remedy])
      .filter((text) => /\b(the|names|of|it)\b/i.test(text));
    assert.deepEqual(english, []);
    assert.ok(findings.some(({ topic, message }) => topic === 'Einstellungen' && message === 'Einstellungen und Pfade passen zusammen.'));
  });

  it('speaks English where the language is missing', async () => {
    const other = translatedEngine(createEngine(), speechOf('xx'));
    await assert.rejects(other.show({ root: project.root }, { name: 'nowhere' }), { message: /^There is no backup named/ });
  });
});
