// The extension's package.json, its texts and its schema agree with the code.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { z } from 'zod';
import { manifestSchema } from '../../../../src/engine/store/manifest';
import { COMMAND_IDS } from '../../../../src/ui/commands/ids';

const repo = process.env['PATS_REPO'] ?? process.cwd();
const read = (path: string): string => readFileSync(join(repo, path), 'utf8');

const packageJson = z
  .looseObject({
    icon: z.string(),
    activationEvents: z.array(z.string()),
    contributes: z.looseObject({
      commands: z.array(z.looseObject({ command: z.string(), category: z.string(), enablement: z.string().optional() })),
      menus: z.record(z.string(), z.array(z.looseObject({ command: z.string().optional() }))),
      configuration: z.looseObject({ properties: z.record(z.string(), z.looseObject({ scope: z.string() })) }),
      walkthroughs: z.array(z.looseObject({ steps: z.array(z.looseObject({ media: z.looseObject({ svg: z.string() }) })) })),
    }),
    capabilities: z.looseObject({
      untrustedWorkspaces: z.looseObject({ supported: z.literal('limited'), restrictedConfigurations: z.array(z.string()) }),
    }),
  })
  .parse(JSON.parse(read('package.json')));
const { contributes } = packageJson;

describe('package.json of the extension', () => {
  it('declares exactly the commands of the table', () => {
    assert.deepEqual(contributes.commands.map(({ command }) => command).sort(), [...COMMAND_IDS].sort());
    assert.ok(contributes.commands.every(({ category }) => category === 'PATS Backup'));
  });

  it('offers only declared commands in menus', () => {
    const used = Object.values(contributes.menus).flatMap((menu) => menu.flatMap(({ command }) => command ?? []));
    assert.deepEqual(
      used.filter((command) => !COMMAND_IDS.some((id) => id === command)),
      [],
    );
  });

  it('disables what changes something while busy and in an untrusted workspace', () => {
    const harmless = [
      'showDetails',
      'copyName',
      'openMetadata',
      'openUpload',
      'reveal',
      'filter',
      'clearFilter',
      'refresh',
      'showLog',
      'showMenu',
      'openSettings',
      'showPending',
      'copyCommand',
    ].map((name) => `patsBackup.${name}`);
    for (const { command, enablement } of contributes.commands) {
      const expected = harmless.includes(command) ? undefined : 'isWorkspaceTrusted && !patsBackup.busy';
      assert.equal(enablement, expected, command);
    }
  });

  it('scopes every setting to the folder and restricts it in untrusted workspaces', () => {
    const settings = Object.entries(contributes.configuration.properties);
    assert.ok(settings.length >= 3);
    for (const [name, { scope }] of settings) {
      assert.equal(scope, 'resource', name);
      assert.ok(packageJson.capabilities.untrustedWorkspaces.restrictedConfigurations.includes(name), name);
    }
  });

  it('has a text for every placeholder, and no text without one', () => {
    const placeholders = [...read('package.json').matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key);
    assert.deepEqual([...new Set(placeholders)].sort(), Object.keys(JSON.parse(read('package.nls.json')) as object).sort());
  });

  it('names only pictures that exist', () => {
    const pictures = [packageJson.icon, ...contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.svg))];
    assert.deepEqual(
      pictures.filter((path) => !existsSync(join(repo, path))),
      [],
    );
  });

  it('is activated when a window has started, and never before', () => {
    assert.ok(!packageJson.activationEvents.includes('*'));
  });
});

describe('texts of the code', () => {
  it('are all in the bundle for translators', () => {
    const bundle = new Set(Object.keys(JSON.parse(read('l10n/bundle.l10n.json')) as object));
    const sources = readdirSync(join(repo, 'src/ui'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
    const texts = sources.flatMap((path) => textsOf(read(join('src/ui', path))));
    assert.ok(texts.length > 100);
    assert.deepEqual(
      texts.filter((text) => !bundle.has(text)),
      [],
    );
  });
});

/** The first arguments of `t(...)` and `vscode.l10n.t(...)`. */
function textsOf(source: string): string[] {
  return [...source.matchAll(/\bt\(\s*'((?:[^'\\]|\\.)*)'/g)].map(([, text = '']) => text.replace(/\\(.)/g, '$1'));
}

type Schema = Readonly<Record<string, unknown>>;

describe('JSON schema of backup_metadata.json', () => {
  const schema = JSON.parse(read('schemas/backup_metadata.schema.json')) as Schema;
  const code = z.toJSONSchema(manifestSchema, { target: 'draft-7' }) as Schema;

  it('has the fields of the code, the same required ones, and describes each', () => {
    assert.deepEqual(shapeOf(schema, schema), shapeOf(code, code));
    assert.deepEqual(undescribed(schema, schema, ''), []);
  });
});

/** Field names with `*` for required ones, nested, without descriptions and limits. */
function shapeOf(node: Schema, root: Schema): unknown {
  const resolved = resolve(node, root);
  const options = (resolved['anyOf'] ?? resolved['oneOf']) as Schema[] | undefined;
  if (options) {
    const shapes = options.map((option) => shapeOf(option, root)).filter((shape) => shape !== null);
    return shapes.length === 1 ? shapes[0] : shapes.length === 0 ? null : shapes;
  }
  if (resolved['items']) {
    const item = shapeOf(resolved['items'] as Schema, root);
    return item === null ? null : [item];
  }
  const properties = resolved['properties'] as Record<string, Schema> | undefined;
  if (!properties) {
    return null;
  }
  const required = (resolved['required'] ?? []) as string[];
  return Object.fromEntries(
    Object.entries(properties)
      .map(([name, child]) => [required.includes(name) ? `${name}*` : name, shapeOf(child, root)] as const)
      .sort(([a], [b]) => a.localeCompare(b)),
  );
}

function undescribed(node: Schema, root: Schema, path: string): string[] {
  const resolved = resolve(node, root);
  const options = (resolved['anyOf'] as Schema[] | undefined) ?? [];
  const items = resolved['items'] ? [resolved['items'] as Schema] : [];
  const fields = Object.entries((resolved['properties'] ?? {}) as Record<string, Schema>);
  return [
    ...fields.filter(([, child]) => typeof resolve(child, root)['description'] !== 'string').map(([name]) => `${path}/${name}`),
    ...fields.flatMap(([name, child]) => undescribed(child, root, `${path}/${name}`)),
    ...[...options, ...items].flatMap((child) => undescribed(child, root, path)),
  ];
}

function resolve(node: Schema, root: Schema): Schema {
  const reference = node['$ref'];
  if (typeof reference !== 'string') {
    return node;
  }
  const path = reference.replace('#/', '').split('/');
  return path.reduce<Schema>((at, key) => at[key] as Schema, root);
}
