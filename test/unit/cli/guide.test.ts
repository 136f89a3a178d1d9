// docs/guide.md is true: its command lines run in its order on the example, and its commands, buttons, settings and links exist.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Context } from '../../../src/cli/context';
import { EXIT } from '../../../src/cli/exit-codes';
import { Output } from '../../../src/cli/output';
import { parseArguments, type Parsed } from '../../../src/cli/program';
import { createEngine } from '../../../src/engine/create-engine';
import { REPOSITORY } from '../../support/cli-project';
import { newForSuite } from '../../support/stand-in';
import { WorkingCopy } from '../../support/working-copy';

const guide = readFileSync(join(REPOSITORY, 'docs/guide.md'), 'utf8');
const json = (path: string): unknown => JSON.parse(readFileSync(join(REPOSITORY, path), 'utf8'));
const all = (pattern: RegExp): string[] => [...guide.matchAll(pattern)].map(([, found = '']) => found);

/** The words of a line as a shell would see them. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

function understood(line: string): Extract<Parsed, { kind: 'verb' }> {
  const parsed = parseArguments(wordsOf(line).slice(1), '1.2.3');
  assert.ok(parsed.kind === 'verb', line);
  return parsed;
}

/** Somebody at the terminal who says yes to everything. */
class Agreeing extends Context {
  override requireForceWithoutTerminal(): void {
    // There is somebody to ask.
  }

  override confirmed(): Promise<void> {
    return Promise.resolve();
  }
}

describe('docs/guide.md', function () {
  this.timeout(60_000);

  describe('read as a day at the command line', () => {
    const copy = newForSuite(() => new WorkingCopy());
    const elsewhere = process.cwd();
    before(() => {
      process.chdir(copy.folder);
    });
    after(() => {
      process.chdir(elsewhere);
    });

    for (const line of all(/^ {4}(pats-backup .*)$/gm)) {
      it(line, async () => {
        const { verb } = understood(line);
        const nowhere = (): NodeJS.WritableStream => new PassThrough().resume();
        const output = new Output({ json: false, quiet: false }, nowhere(), nowhere());
        const code = await verb(new Agreeing(createEngine(), { root: copy.folder }, output, new AbortController().signal));
        // What the doctor finds is a matter of the machine.
        assert.ok(code === EXIT.done || line.endsWith('doctor'), `exit code ${code}`);
      });
    }
  });

  it('names only verbs and flags that are understood', () => {
    const lines = all(/`(pats-backup [^`]+)`/g);
    assert.ok(lines.length > 10);
    lines.forEach(understood);
  });

  it('translates every old line into the same words', () => {
    const rows = [...guide.matchAll(/^\| `\.\/backup\.sh ([^`]+)` \| `pats-backup ([^`]+)` \|/gm)];
    assert.deepEqual(
      rows.map(([, before]) => before),
      rows.map(([, , now]) => now),
    );
    const verbs = new Set(rows.map(([, before = '']) => wordsOf(before)[0]));
    assert.deepEqual([...verbs], ['backup', 'list', 'restore', 'auto-backup', 'dump', 'restore-dump']);
  });

  it('names only commands, buttons, views and settings that exist', () => {
    const titles = json('package.nls.json') as Record<string, string>;
    const commands = Object.entries(titles).flatMap(([key, title]) =>
      key.startsWith('command.') ? [title, `PATS Backup: ${title}`] : title,
    );
    const known = new Set([...commands, ...Object.keys(json('l10n/bundle.l10n.json') as object)]);
    assert.deepEqual(
      all(/\*\*([^*]+)\*\*/g).filter((name) => !known.has(name)),
      [],
    );
    const manifest = readFileSync(join(REPOSITORY, 'package.json'), 'utf8');
    assert.deepEqual(
      all(/`(patsBackup\.\w+)`/g).filter((setting) => !manifest.includes(`"${setting}"`)),
      [],
    );
  });

  it('leads nowhere that is not there', () => {
    const headings = all(/^## (.+)$/gm).map((title) =>
      title
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    for (const target of all(/\]\(([^)]+)\)/g)) {
      const [path = '', anchor = ''] = target.split('#');
      assert.ok(path === '' ? headings.includes(anchor) : existsSync(join(REPOSITORY, 'docs', path)), target);
    }
  });
});
