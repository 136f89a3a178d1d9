// The engine's sentences in German: those of every error and warning are there, and texts made of several are taken apart.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type ts from 'typescript';
import { translator, type Catalogue } from '../../../../src/ui/text/sentences';

const repository = process.env['PATS_REPO'] ?? process.cwd();
const german = JSON.parse(readFileSync(join(repository, 'l10n/engine.de.json'), 'utf8')) as Catalogue;
const compiler = createRequire(join(repository, 'package.json'))('typescript') as typeof ts;

const engine = join(repository, 'src/engine');
/** What makes an error, a warning or a finding of the doctor; the code or the topic comes first. */
const SAYING = /^(BackupError|warning|ok|problem|advice)$/;

/** The sentences that an expression may become, with {0}, {1} ... for what is put in; none for what is computed elsewhere. */
function textsOf(node: ts.Node): string[] {
  if (compiler.isStringLiteralLike(node)) {
    return [node.text];
  }
  if (compiler.isTemplateExpression(node)) {
    return [node.head.text + node.templateSpans.map(({ literal }, index) => `{${index}}${literal.text}`).join('')];
  }
  if (compiler.isConditionalExpression(node)) {
    return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
  }
  return [];
}

/** What errors and warnings of the engine say, a sentence each, with the parameters numbered anew. */
function said(): string[] {
  const sentences = new Set<string>();
  const visit = (node: ts.Node): void => {
    if ((compiler.isNewExpression(node) || compiler.isCallExpression(node)) && SAYING.test(node.expression.getText())) {
      for (const text of (node.arguments ?? []).slice(1).flatMap(textsOf)) {
        text.split(/(?<=[.!?]) (?=[A-Z"{])/).forEach((sentence) => sentences.add(renumbered(sentence)));
      }
    }
    compiler.forEachChild(node, visit);
  };
  for (const file of readdirSync(engine, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))) {
    visit(compiler.createSourceFile(file, readFileSync(join(engine, file), 'utf8'), compiler.ScriptTarget.Latest, true));
  }
  return [...sentences].filter((sentence) => /\p{L}{2}/u.test(sentence));
}

function renumbered(sentence: string): string {
  let next = 0;
  return sentence.replace(/\{\d+\}/g, () => `{${next++}}`);
}

const parametersOf = (text: string): string => [...new Set(text.match(/\{\d+\}/g))].sort().join();

describe('sentences of the engine', () => {
  const say = translator(german);

  it('are all there in German', () => {
    const sentences = said();
    assert.ok(sentences.length > 200);
    assert.deepEqual(
      sentences.filter((sentence) => !(sentence in german)),
      [],
    );
  });

  it('keep their parameters', () => {
    const lost = Object.entries(german).filter(([english, translation]) => parametersOf(english) !== parametersOf(translation));
    // What a German sentence says in other words.
    assert.deepEqual(
      lost.filter(([english]) => !english.startsWith('it is the newest of its')),
      [],
    );
  });

  for (const parameter of ['', 'x', '/a/"b" \'c\'', '{0} {1} {', 'a\nb', '$1 $& $$', 'x; y', 'My Project. Copy']) {
    it(`come out whole with ${JSON.stringify(parameter)} for each parameter`, () => {
      const filled = (text: string): string => text.replace(/\{\d+\}/g, () => parameter);
      const wrong = Object.entries(german).filter(
        ([english, translation]) => !english.startsWith('it is the newest of its') && say(filled(english)) !== filled(translation),
      );
      assert.deepEqual(wrong, []);
    });
  }

  it('may stand in each other, as parameters do that say why', () => {
    assert.equal(
      say('Docker refuses: no such container. The backup "a. B" is damaged: pats.db is missing. Nothing was changed.'),
      'Docker lehnt ab: no such container. Die Sicherung „a. B“ ist beschädigt: pats.db fehlt. Es wurde nichts geändert.',
    );
  });

  for (const [english, translation] of [
    ['There is no backup named "first" in backups.', 'In backups gibt es keine Sicherung namens „first“.'],
    ['Nothing was changed. Restore the whole table.', 'Es wurde nichts geändert. Stellen Sie die ganze Tabelle wieder her.'],
    [
      'The backup "a" is damaged: pats.db is missing. Nothing was changed. Choose another backup.',
      'Die Sicherung „a“ ist beschädigt: pats.db fehlt. Es wurde nichts geändert. Wählen Sie eine andere Sicherung.',
    ],
    ['My File. Copy.db is missing.', 'My File. Copy.db fehlt.'],
    ['The service web could not be stopped.', 'Der Dienst web konnte nicht gestoppt werden.'],
    ['it is pinned', 'sie ist angeheftet'],
    ['Whatever SQLite says: 42. Nothing was changed.', 'Whatever SQLite says: 42. Es wurde nichts geändert.'],
    [
      'pats.db: The layout of PATS names it; git tracks it: it ships with the project; something else.',
      'pats.db: Der Aufbau von PATS nennt sie; Git verfolgt sie: Sie gehört zum Projekt; something else.',
    ],
    ['', ''],
  ] as const) {
    it(`says ${JSON.stringify(english)}`, () => {
      assert.equal(say(english), translation);
    });
  }
});
