// Every other language is complete: each text of the window and of package.json, with the same placeholders, icons, links and settings.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const repository = process.env['PATS_REPO'] ?? process.cwd();
type Texts = Readonly<Record<string, string>>;
const textsIn = (path: string): Texts => JSON.parse(readFileSync(join(repository, path), 'utf8')) as Texts;

const MANIFEST = 'package.nls.json';
const BUNDLE = 'l10n/bundle.l10n.json';
const languages = readdirSync(join(repository, 'l10n')).flatMap((file) => /^bundle\.l10n\.(.+)\.json$/.exec(file)?.[1] ?? []);

/** What is the same in every language: parameters, icons, targets of links, names of settings, files and verbs. */
function fixedParts(text: string): string[] {
  const fixed = text.match(/\{\d+\}|\$\([\w-]+\)|\]\([^)]+\)|`[a-z.][\w./ &-]*`|patsBackup\.\w+/g) ?? [];
  return [...new Set(fixed)].sort();
}

describe('other languages', () => {
  it('are there', () => {
    assert.deepEqual(languages, ['de']);
  });

  for (const language of languages) {
    for (const english of [BUNDLE, MANIFEST]) {
      const path = english.replace('.json', `.${language}.json`);

      it(`${path} lacks no text and has none too many`, () => {
        assert.deepEqual(Object.keys(textsIn(path)).sort(), Object.keys(textsIn(english)).sort());
      });

      it(`${path} has the parameters, icons, links and names of the original`, () => {
        const original = textsIn(english);
        const wrong = Object.entries(textsIn(path)).filter(
          ([key, text]) => text.trim() === '' || fixedParts(text).join(' ') !== fixedParts(original[key] ?? '').join(' '),
        );
        assert.deepEqual(wrong, []);
      });

      it(`${path} is translated: whole sentences are not the original's`, () => {
        const original = textsIn(english);
        const same = Object.entries(textsIn(path)).filter(([key, text]) => text === original[key] && /[a-z]\s[a-z]/.test(text));
        assert.deepEqual(same, []);
      });
    }
  }
});
