// What the extension host calls: runs the unit suites and the suites of this folder with mocha.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';

const SUITES = ['unit', 'vscode'];
const TIMEOUT_MS = 20_000;
/**
 * They start the command line or another program as a process of its own, measure the whole process, read text, try what strangers
 * may have written and what can be wrong with a file by the hundred, or put something in the place of this very host, which says
 * nothing about them.
 */
const ELSEWHERE =
  /^(?:cli|diagnosis|limits|migrations|platform|repair|restore[/\\](?:damaged-live|hostile-records|ordinary-user)|sqlite[/\\]dump[/\\]memory|store[/\\](?:hostile|strangers)|transfer|ui[/\\]window[/\\]shells-of-windows)\b/;

/** Runs every suite; rejects when a test failed or none ran. */
export async function run(): Promise<void> {
  const grep = process.env['PATS_TEST_GREP'];
  const mocha = new Mocha({
    ui: 'bdd',
    timeout: TIMEOUT_MS,
    reporter: join(process.env['PATS_REPO'] ?? process.cwd(), 'test/host/reporter.cjs'),
    ...(grep ? { grep } : {}),
  });
  const mark = process.env['PATS_TEST_MARK'];
  if (mark !== undefined) {
    Mocha.reporters.Base.consoleLog = (...args: unknown[]) => {
      console.log(mark + format(...args));
    };
  }
  const built = join(__dirname, '..');
  for (const suite of SUITES) {
    for (const file of readdirSync(join(built, suite), { recursive: true, encoding: 'utf8' }).sort()) {
      if (file.endsWith('.test.js') && !ELSEWHERE.test(file)) {
        mocha.addFile(join(built, suite, file));
      }
    }
  }
  const failures = await new Promise<number>((resolve) => {
    mocha.run(resolve);
  });
  if (failures > 0) {
    throw new Error(`${failures} tests failed.`);
  }
}
