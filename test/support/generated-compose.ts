// Compose projects made by chance, with everything that makes Compose's reading of them hard.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { Chance } from './random';

/** What the shell has set; all other names that are used are in `.env` or nowhere. */
export const SHELL: Readonly<Record<string, string>> = { SHELL_ONLY: 'from-shell', BOTH: 'shell-wins', SHELL_EMPTY: '' };
const NAMES = ['SHELL_ONLY', 'BOTH', 'SHELL_EMPTY', 'IN_FILE', 'FILE_EMPTY', 'BUILT', 'UNSET_ONE', 'UNSET_TWO'];

/** The files of one project, by their paths. */
export function generatedCompose(seed: number): Readonly<Record<string, string>> {
  return new Generator(new Chance(seed)).files();
}

/** Writes them below a folder. */
export function writeFiles(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

class Generator {
  constructor(private readonly chance: Chance) {}

  files(): Record<string, string> {
    const { chance } = this;
    const main = chance.of(['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml']);
    const override = chance.of([
      'compose.override.yaml',
      'compose.override.yml',
      'docker-compose.override.yml',
      'docker-compose.override.yaml',
    ]);
    const names = chance.some(['web', 'worker', 'db'], 1 + chance.below(3));
    const files: Record<string, string> = {
      '.env': this.variables(),
      'one.env': `ONE=1\nSHARED=one\nFROM_PROJECT=\${IN_FILE}\nLITERAL='\${IN_FILE} # all'\nQUOTED="a\\nb \${BOTH}" # a comment\nSHELL_ONLY\nUNSET_ONE\nHASH=a#b\n`,
      'sub/two.env': `export TWO = two words   # a comment\nSHARED=two\nEMPTY=\nCHAINED=\${ONE:-none}\n`,
      [main]: this.file(Object.fromEntries(names.map((name) => [name, this.service(true)]))),
    };
    if (chance.is(0.5)) {
      const over = Object.fromEntries(chance.some(names, 2).map((name) => [name, this.service(false)]));
      files[override] = this.tagged(this.file({ ...over, ...(chance.is(0.3) && { extra: this.service(true) }) }));
    }
    if (chance.is(0.4)) {
      files['base/common.yml'] = this.file({ common: this.service(true), other: { ...this.service(true), extends: 'common' } });
      const service = { ...this.service(false), extends: { file: 'base/common.yml', service: chance.of(['common', 'other']) } };
      files[main] = (files[main] ?? '').replace(/^services:\n/m, `services:\n${indented(stringify({ derived: service }))}`);
    }
    if (chance.is(0.3)) {
      files['part/compose.yaml'] = this.file({ included: this.service(true) });
      files['part/.env'] = 'IN_FILE=part\nUNSET_ONE=only-in-part\n';
      files[main] =
        `include:\n  - ${chance.of(['part/compose.yaml', '{path: part/compose.yaml}', '{path: [./part/compose.yaml], project_directory: .}'])}\n${files[main] ?? ''}`;
    }
    return files;
  }

  private variables(): string {
    return `# variables\nBOTH=file-loses\nexport IN_FILE=in-file\nFILE_EMPTY=\nBUILT="\${IN_FILE}-\${SHELL_ONLY}" # built\nUSED=\${BUILT:-x}\nCOMPOSE_PROFILES=${this.chance.of(['', 'dev', 'dev,debug'])}\n`;
  }

  private file(services: Record<string, unknown>): string {
    const volumes = { data: null, other: { name: 'named' }, bound: { driver_opts: { type: 'none', o: 'bind', device: '/srv/bound' } } };
    return stringify({ services, volumes });
  }

  /** A merge tag on one of the keys. */
  private tagged(text: string): string {
    const tag = this.chance.of(['!override', '!reset', '']);
    return tag === '' ? text : text.replace(/^( {4}(?:volumes|environment|env_file|profiles)):$/m, `$1: ${tag}`);
  }

  private service(isWhole: boolean): Record<string, unknown> {
    const { chance } = this;
    const some = (probability: number, make: () => Record<string, unknown>): Record<string, unknown> =>
      chance.is(probability) ? make() : {};
    return {
      ...(isWhole && (chance.is(0.5) ? { image: `image-${this.text()}` } : { build: this.build() })),
      ...some(0.7, () => ({ environment: this.environment() })),
      ...some(0.7, () => ({ volumes: chance.some(this.volumes(), 4) })),
      ...some(0.4, () => ({ env_file: this.envFile() })),
      ...some(0.3, () => ({ working_dir: `/srv/${this.text()}` })),
      ...some(0.2, () => ({ profiles: chance.some(['dev', 'debug', 'never'], 2) })),
      ...some(0.2, () => ({ command: chance.of<unknown>(['run it', ['run', 'it']]) })),
    };
  }

  private build(): unknown {
    const { chance } = this;
    const whole = {
      context: chance.of(['.', './sub', '${IN_FILE:-x}']),
      dockerfile: chance.of(['Dockerfile', 'docker/Dev']),
      target: chance.of(['dev', '${UNSET_ONE:-prod}']),
    };
    return chance.of<unknown>(['.', './sub', whole, { context: whole.context }]);
  }

  private environment(): unknown {
    const keys = this.chance.some(['A', 'B', 'DATABASE_URL', 'SHARED', ...NAMES], 4);
    if (this.chance.is(0.5)) {
      return keys.map((key) => (this.chance.is(0.3) ? key : `${key}=${this.text()}`));
    }
    return Object.fromEntries(
      keys.map((key) => [key, this.chance.of<unknown>([this.text(), null, 8080, true, `sqlite:////data/${this.text()}.db`])]),
    );
  }

  private envFile(): unknown {
    return this.chance.of<unknown>([
      'one.env',
      ['one.env', './sub/two.env'],
      ['sub/two.env'],
      [{ path: 'absent.env', required: false }, 'one.env'],
    ]);
  }

  private volumes(): unknown[] {
    const source = this.chance.of([
      './data',
      '../beside',
      '/srv/data',
      '~/data',
      '${IN_FILE:+./set}/${SHELL_ONLY}',
      '${UNSET_ONE:-./vol/${BOTH:-x}}',
    ]);
    return [
      `${source}:/data`,
      './code:/app:ro',
      'data:/app/data',
      '/anonymous',
      `data:/data/${this.text()}:rw`,
      'bound:/bound',
      { type: 'bind', source: './long', target: '/data', read_only: this.chance.is(0.5) },
      { type: 'volume', source: 'other', target: '/other/' },
      { type: 'tmpfs', target: '/tmp' },
    ];
  }

  /** Text with variables, deeply. Never empty, and no text at which Compose refuses. */
  private text(depth = 0): string {
    const { chance } = this;
    const name = chance.of(NAMES);
    const inner = (): string => (depth > 2 ? 'deep' : this.text(depth + 1));
    const variable = chance.of([
      () => 'plain',
      () => '$$dollar',
      () => `$${name}`,
      () => `\${${name}}`,
      () => `\${${name}:-${inner()}}`,
      () => `\${${name}-${inner()}}`,
      () => `\${${name}:+${inner()}}`,
      () => `\${${name}+${inner()}}`,
      () => '${BOTH:?is needed}',
      () => '${IN_FILE?is needed}',
    ])();
    return `t${variable}${chance.is(0.3) && depth < 3 ? inner() : ''}`;
  }
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
