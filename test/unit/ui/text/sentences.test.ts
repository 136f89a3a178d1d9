// The engine's sentences in German: each is there, says what was put in wherever it stands, and is said in a way that knows it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type ts from 'typescript';
import { counted, dated, inRow, said, sentencesIn } from '../../../../src/engine/said';
import { translator, type Catalogue } from '../../../../src/ui/text/sentences';

const repository = process.env['PATS_REPO'] ?? process.cwd();
const german = JSON.parse(readFileSync(join(repository, 'l10n/engine.de.json'), 'utf8')) as Catalogue;
const compiler = createRequire(join(repository, 'package.json'))('typescript') as typeof ts;

/** What makes an error, a warning or a finding of the doctor; the code or the topic comes first. */
const SAYING = /^(BackupError|warning|ok|problem|advice)$/;
/** Properties that hold a sentence. */
const HOLDING = /^(message|remedy|reason)$/;

/** What nobody writes but for people. */
const SENTENCE = /^[“"]?\p{Lu}[\p{Ll} ].* .*[.!?]$/u;

interface Sources {
  /** Sentences for people, with the parameters numbered anew. */
  readonly sentences: ReadonlySet<string>;
  /** Every text that stands in the sources, whole and by sentences. */
  readonly texts: ReadonlySet<string>;
  /** Sentences with parameters of which nobody could know what was put in. */
  readonly untold: readonly string[];
}

function read(): Sources {
  const sentences = new Set<string>();
  const texts = new Set<string>();
  const untold: string[] = [];
  const keep = (text: string): void => {
    for (const sentence of sentencesIn(text).map(renumbered)) {
      if (/\p{L}{2}/u.test(sentence.replace(/\{\d+\}/g, ''))) {
        sentences.add(sentence);
      }
    }
  };
  const look = (node: ts.Expression, place: string): void => {
    if (compiler.isStringLiteralLike(node)) {
      keep(node.text);
    } else if (compiler.isTemplateExpression(node)) {
      untold.push(`${place}: ${patternOf(node)}`);
    } else if (compiler.isConditionalExpression(node)) {
      look(node.whenTrue, place);
      look(node.whenFalse, place);
    }
  };
  for (const file of ['src/engine', 'src/rpc'].flatMap(sourcesIn)) {
    const visit = (node: ts.Node): void => {
      if (compiler.isTaggedTemplateExpression(node) && node.tag.getText() === 'said') {
        keep(patternOf(node.template));
      } else if (compiler.isStringLiteralLike(node)) {
        [node.text, ...sentencesIn(node.text)].forEach((text) => texts.add(text));
        if (SENTENCE.test(node.text)) {
          keep(node.text);
        }
      } else if ((compiler.isNewExpression(node) || compiler.isCallExpression(node)) && SAYING.test(node.expression.getText())) {
        (node.arguments ?? []).slice(1).forEach((argument) => {
          look(argument, file);
        });
      } else if (compiler.isPropertyAssignment(node) && HOLDING.test(node.name.getText())) {
        look(node.initializer, file);
      }
      compiler.forEachChild(node, visit);
    };
    visit(compiler.createSourceFile(file, readFileSync(join(repository, file), 'utf8'), compiler.ScriptTarget.Latest, true));
  }
  return { sentences, texts, untold };
}

function sourcesIn(folder: string): string[] {
  return readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && path !== 'said.ts')
    .map((path) => join(folder, path));
}

function patternOf(node: ts.TemplateLiteral): string {
  return compiler.isTemplateExpression(node)
    ? node.head.text + node.templateSpans.map(({ literal }, index) => `{${index}}${literal.text}`).join('')
    : node.text;
}

function renumbered(sentence: string): string {
  let next = 0;
  return sentence.replace(/\{\d+\}/g, () => `{${next++}}`);
}

const parametersOf = (text: string): string => [...new Set(text.match(/\{\d+\}/g))].sort().join();

/** The English sentence, said with the parameters. */
function saidWith(pattern: string, parameter: string): string {
  const pieces = pattern.split(/\{\d+\}/);
  return said(Object.assign(pieces, { raw: pieces }), ...pieces.slice(1).map(() => parameter));
}

describe('sentences of the engine', () => {
  const say = translator(german, 'de');
  const { sentences, texts, untold } = read();

  it('are all there in German', () => {
    assert.ok(sentences.size > 600);
    assert.deepEqual(
      [...sentences].filter((sentence) => !(sentence in german)),
      [],
    );
  });

  it('are said with what is put in', () => {
    assert.deepEqual(untold, []);
  });

  it('are in German only where something says them', () => {
    assert.deepEqual(
      Object.keys(german).filter((sentence) => !sentences.has(sentence) && !texts.has(sentence)),
      [],
    );
  });

  it('keep their parameters', () => {
    assert.deepEqual(
      Object.entries(german).filter(([english, translation]) => parametersOf(english) !== parametersOf(translation)),
      [],
    );
  });

  for (const parameter of [
    '',
    'x',
    '/a/"b" \'c\'',
    '{0} {1} {',
    'a\nb',
    '$1 $& $$',
    'x; y',
    'a: b',
    'not there: c. D',
    'My Project. Copy',
  ]) {
    it(`come out whole with ${JSON.stringify(parameter)} for each parameter`, () => {
      const filled = (text: string): string => text.replace(/\{\d+\}/g, () => parameter);
      const wrong = Object.entries(german).filter(([english, translation]) => say(saidWith(english, parameter)) !== filled(translation));
      assert.deepEqual(wrong, []);
    });
  }

  it('stand in each other, and in a row', () => {
    const lost = said`The backup "${'a. B'}" is damaged: ${said`${'pats.db'} is missing.`}`;
    const german = 'Die Sicherung „a. B“ ist beschädigt: pats.db fehlt.';
    assert.equal(say(lost), german);
    assert.equal(say([lost, 'Choose another backup.', lost].join(' ')), `${german} Wählen Sie eine andere Sicherung. ${german}`);
    assert.equal(
      say(
        said`${'pats.db'}: ${inRow([said`${'The layout of PATS'} names it`, 'git tracks it: it ships with the project', 'something else'], '; ')}.`,
      ),
      'pats.db: Der Aufbau von PATS nennt sie; Git verfolgt sie: Sie gehört zum Projekt; something else.',
    );
  });

  it('have numbers and dates as the language writes them', () => {
    assert.equal(
      say(said`the search stopped after ${counted(12_345)} files and folders`),
      'die Suche endete nach 12.345 Dateien und Ordnern',
    );
    assert.equal(say(said`${12_345} unfinished backups were left behind.`), '12.345 unfertige Sicherungen sind zurückgeblieben.');
    const moment = new Date(2026, 0, 2, 3, 4);
    assert.equal(
      say(said`${'j'} says that a restore was interrupted on ${dated(moment, '2026-01-02 03:04')}, but it is not acted upon: ${'x'}.`),
      'j sagt, dass eine Wiederherstellung am 02.01.2026, 03:04 unterbrochen wurde, wird aber nicht befolgt: x.',
    );
  });

  it('leave names in quotes alone, though they are sentences', () => {
    assert.equal(
      say(said`There is no backup named "${'Nothing was changed.'}" in ${'b'}.`),
      'In b gibt es keine Sicherung namens „Nothing was changed.“.',
    );
  });

  for (const [english, translation] of [
    ['Nothing was changed. Restore the whole table.', 'Es wurde nichts geändert. Stellen Sie die ganze Tabelle wieder her.'],
    ['My File. Copy.db is gone.', 'My File. Copy.db is gone.'],
    ['it is pinned', 'sie ist angeheftet'],
    ['Whatever SQLite says: 42. Nothing was changed.', 'Whatever SQLite says: 42. Es wurde nichts geändert.'],
    ['', ''],
  ] as const) {
    it(`says ${JSON.stringify(english)}`, () => {
      assert.equal(say(english), translation);
    });
  }
});
