// Writes a line of JSON for each test when it begins and when it ends, so that what hung is known too. PATS_TEST_LINES names the file.
const { appendFileSync } = require('node:fs');
const { relative } = require('node:path');

module.exports = class {
  constructor(runner) {
    const say = (test, state, error) => {
      const file = test.file === undefined ? '' : relative(process.cwd(), test.file).replaceAll('\\', '/');
      const line = { state, file, title: test.fullTitle(), milliseconds: test.duration, error };
      appendFileSync(process.env.PATS_TEST_LINES, `${JSON.stringify(line)}\n`);
    };
    runner.on('test', (test) => say(test, 'begun'));
    runner.on('pass', (test) => say(test, 'passed'));
    runner.on('pending', (test) => say(test, 'skipped'));
    runner.on('fail', (test, error) => say(test, 'failed', String(error?.stack ?? error)));
    runner.once('end', () => appendFileSync(process.env.PATS_TEST_LINES, `${JSON.stringify({ state: 'done' })}\n`));
  }
};
