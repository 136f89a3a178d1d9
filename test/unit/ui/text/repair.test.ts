// The words around damage and its repair.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { RepairResult } from '../../../../src/engine/engine';
import { damageFoundText, repairedText, repairQuestion } from '../../../../src/ui/text/repair';

const one = { path: 'uploads/a.png', backups: ['good'], from: null };
const result = (parts: Partial<RepairResult>): RepairResult => ({ name: 'good', repaired: [], unrepaired: [], warnings: [], ...parts });

describe('the words of a repair', () => {
  it('name the backup and its first problem, and the folder where there are several', () => {
    const found = { name: 'good', ok: false, problems: ['uploads/a.png was changed.', 'more'], damaged: [], warnings: [] };
    assert.equal(damageFoundText(found, null), 'Backup “good” is damaged: uploads/a.png was changed.');
    assert.equal(damageFoundText(found, 'pats'), 'Backup “good” of pats is damaged: uploads/a.png was changed.');
  });

  it('ask only where something can be repaired, and say from where and what stays damaged', () => {
    assert.equal(repairQuestion(result({ unrepaired: [{ path: 'x', reason: 'x is lost.' }] })), null);
    const question = repairQuestion(
      result({
        repaired: [one, { path: 'uploads/b', backups: ['good', 'other'], from: 'third' }],
        unrepaired: [{ path: 'x', reason: 'x is lost.' }],
      }),
    );
    assert.ok(question);
    assert.equal(question.button, 'Repair');
    assert.match(
      question.detail,
      /• uploads\/a\.png, from the live data\n• uploads\/b, from “third”, in 2 backups that share it\n\n[^\n]+\n• x is lost\.$/,
    );
  });

  it('do not fill the screen', () => {
    const many = Array.from({ length: 50 }, (_, index) => ({ ...one, path: `uploads/${index}` }));
    assert.equal((repairQuestion(result({ repaired: many }))?.detail ?? '').split('\n').length, 10);
  });

  it('say what was done and what was not', () => {
    assert.match(repairedText(result({})), /not damaged/);
    assert.equal(repairedText(result({ repaired: [one] })), '1 file of “good” was repaired.');
    assert.match(
      repairedText(result({ repaired: [one, one], unrepaired: [{ path: 'x', reason: 'x is lost.' }] })),
      /^2 files .* Still damaged: x is lost\./,
    );
    assert.match(repairedText(result({ unrepaired: [{ path: 'x', reason: 'x is lost.' }] })), /cannot be repaired: x is lost\./);
  });
});
