// Compose files as Compose reads them: recorded answers of the real one, and each rule by itself.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCompose, type ComposeProject } from '../../../src/engine/compose/compose';
import { parseEnvFile } from '../../../src/engine/compose/env-file';
import { interpolate } from '../../../src/engine/compose/interpolation';
import { generatedCompose, writeFiles } from '../../support/generated-compose';
import { ourAnswer, RECORD, withoutPlaces, type ComposeAnswer } from '../../support/real-compose';

describe('Compose files', () => {
  let folder: string;
  let root: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'pats-compose-')));
    root = join(folder, 'project');
    mkdirSync(root);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function read(files: Readonly<Record<string, string>>): ComposeProject {
    writeFiles(root, files);
    const [project] = readCompose(root, { mayAsk: false });
    assert.ok(project !== undefined);
    return project;
  }

  it('say what the real Compose said of generated ones', () => {
    const answers = JSON.parse(readFileSync(RECORD, 'utf8')) as ComposeAnswer[];
    answers.forEach((answer, seed) => {
      rmSync(root, { recursive: true });
      writeFiles(root, generatedCompose(seed));
      assert.deepEqual(withoutPlaces(ourAnswer(root), folder), answer, `seed ${seed}`);
    });
  });

  const VARIABLES: Readonly<Record<string, string>> = { SET: 'set', EMPTY: '' };
  const FILLED: Readonly<Record<string, string | null>> = {
    '$SET-${SET}': 'set-set',
    '${UNSET}': '',
    '${EMPTY:-a}${EMPTY-b}${UNSET-c}': 'ac',
    '${SET:+a}${EMPTY:+b}${EMPTY+c}': 'ac',
    '${UNSET:-${ALSO:-${SET}.db}}': 'set.db',
    '$$SET ${UNSET:-{x}}': '$SET {x}',
    '${UNSET:?is needed}': null,
    '${EMPTY?is needed}': '',
    'price: $5': null,
    '${not closed': null,
  };
  for (const [text, expected] of Object.entries(FILLED)) {
    it(`fill in ${text}`, () => {
      const fill = (): string => interpolate(text, (name) => VARIABLES[name]);
      if (expected === null) {
        assert.throws(fill);
      } else {
        assert.equal(fill(), expected);
      }
    });
  }

  it('take .env files with quotes, comments, exports and variables of earlier lines', () => {
    const text = `# c\nexport A=1\nB = two words  # c\nC='$A # c'\nD="a\\nb $A"\nE: $SHELL\nF=$A#x\nSHELL\n`;
    const values = parseEnvFile(text, (name) => (name === 'SHELL' ? 'sh' : undefined));
    assert.deepEqual(Object.fromEntries(values), { A: '1', B: 'two words', C: '$A # c', D: 'a\nb 1', E: 'sh', F: '1#x', SHELL: 'sh' });
  });

  it('have no services whose names a program or a shell would take for something else', () => {
    const names = ['--host=tcp://192.0.2.1', '-f', '$(touch x)', 'a b', 'a\nb', 'web'];
    const services = names.map((name) => `  ${JSON.stringify(name)}: { image: x }`).join('\n');
    assert.deepEqual(
      read({ 'compose.yml': `services:\n${services}\n` }).services.map(({ name }) => name),
      ['web'],
    );
  });

  it('are those that COMPOSE_FILE names', () => {
    const { services } = read({
      '.env': 'COMPOSE_FILE=a.yml;deploy/b.yml\nCOMPOSE_PATH_SEPARATOR=;\n',
      'a.yml': 'services: {web: {image: x, volumes: ["./a:/data"]}}',
      'deploy/b.yml': 'services: {web: {volumes: ["./b:/data"]}}',
      'compose.yaml': 'services: {other: {image: x}}',
    });
    assert.deepEqual(
      services.map(({ name, mounts }) => [name, mounts.map(({ host }) => host)]),
      [['web', [join(root, 'b')]]],
    );
  });

  it('of services that only an inactive profile starts say nothing', () => {
    const { services } = read({ 'compose.yaml': 'services: {web: {image: x}, tool: {image: x, profiles: [tools]}}' });
    assert.deepEqual(
      services.map(({ name }) => name),
      ['web'],
    );
  });

  it('keep a volume of the local driver that is a folder all the same', () => {
    const { services } = read({
      'compose.yaml':
        'services: {web: {image: x, volumes: ["data:/data"]}}\nvolumes: {data: {driver: local, driver_opts: {type: none, o: bind, device: "${PWD}/data"}}}',
    });
    assert.equal(services[0]?.mounts[0]?.host, join(root, 'data'));
  });

  const DOUBTFUL: Readonly<Record<string, string>> = {
    'a variable that must be set': 'services: {web: {image: "${NOBODY_SETS_THIS:?say it}"}}',
    'a remote include': 'include: ["https://example.com/x.git"]\nservices: {web: {image: x}}',
    'an unknown tag': 'services: {web: {image: !secret x}}',
    'a service that extends one elsewhere': 'services: {web: {image: x, extends: {file: gone.yml, service: y}}}',
    'a volume that is not declared': 'services: {web: {image: x, volumes: ["data:/data"]}}',
    'an env_file that is not there': 'services: {web: {image: x, env_file: gone.env}}',
    'no YAML': 'services: [',
    'brackets without end': '['.repeat(200_000),
    'lists without end': `${'- '.repeat(50_000)}x`,
    'aliases without end': `a: &a [x,x,x,x,x,x,x,x,x]\n${Array.from(
      { length: 9 },
      (_, i) =>
        `${'bcdefghij'[i] ?? ''}: &${'bcdefghij'[i] ?? ''} [${Array(9)
          .fill(`*${'abcdefghi'[i] ?? ''}`)
          .join(',')}]`,
    ).join('\n')}\nservices: {web: {image: x}}`,
  };
  for (const [what, text] of Object.entries(DOUBTFUL)) {
    it(`leave a doubt with ${what}`, () => {
      assert.notDeepEqual(read({ 'compose.yaml': text }).doubts, []);
    });
  }

  it('are read again when one of them, a variable or a file that they name has changed', () => {
    const host = (): string | null | undefined => readCompose(root, { mayAsk: false })[0]?.services[0]?.mounts[0]?.host;
    writeFiles(root, { 'compose.yaml': 'services: {web: {image: x, volumes: ["${WHERE:-./one}:/data"]}}' });
    assert.equal(host(), join(root, 'one'));
    writeFiles(root, { '.env': 'WHERE=./two\n' });
    assert.equal(host(), join(root, 'two'));
    writeFiles(root, { 'compose.override.yaml': 'services: {web: {volumes: ["./three:/data"]}}' });
    assert.equal(host(), join(root, 'three'));
  });
});
