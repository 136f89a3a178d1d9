// The command line as a package of its own: what npm packs, installed somewhere, works on a machine that has no VS Code.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { z } from 'zod';
import { CliProject, ended, REPOSITORY } from '../../support/cli-project';
import { newFolder } from '../../support/folder';
import { npmEnvironment } from '../../../scripts/npm-program.mjs';
import { newForEachTest, newForSuite } from '../../support/stand-in';

const LONG_MS = 120_000;
const packed = z.tuple([z.looseObject({ filename: z.string(), size: z.number(), files: z.array(z.looseObject({ path: z.string() })) })]);

describe('the npm package', function () {
  this.timeout(LONG_MS);
  const place = newForSuite(() => newFolder('npm'));
  const project = newForEachTest(() => CliProject.create());
  const isWindows = process.platform === 'win32';

  function npm(...args: string[]): string {
    return execFileSync('npm', args, { cwd: REPOSITORY, encoding: 'utf8', shell: isWindows, stdio: 'pipe', env: npmEnvironment() });
  }

  it('holds the command line alone, and installed it backs up and restores', async () => {
    // Built by "npm test" already; scripts would build anew below the other tests.
    const [{ filename, size, files }] = packed.parse(
      JSON.parse(npm('pack', '--json', '--ignore-scripts', '--pack-destination', place.path)),
    );
    const foreign = files.filter(({ path }) => !/^(package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/[\w-]+\.(js|txt))$/.test(path));
    assert.deepEqual([...foreign, ...files.filter(({ path }) => /extension|engine\.js$/.test(path) && !path.includes('cli-engine'))], []);
    assert.ok(size < 1024 * 1024, `${size} bytes`);

    npm('install', '--global', '--prefix', place.path, '--prefer-offline', '--no-audit', '--no-fund', place.at(filename));
    const program = isWindows ? place.at('pats-backup.cmd') : place.at('bin', 'pats-backup');
    const env = { PATH: [dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter), HOME: place.path };
    const run = async (...args: string[]): Promise<string> => {
      const child = spawn(program, args, { cwd: project.root, env, shell: isWindows, stdio: ['ignore', 'pipe', 'pipe'] });
      const { code, stdout, stderr } = await ended(child);
      assert.equal(code, 0, stderr);
      return stdout;
    };
    assert.match(await run('--version'), /^\d+\.\d+\.\d+$/m);
    await run('backup', 'first');
    project.setRow('second');
    await run('restore', 'first', '--force');
    assert.equal(project.row(), 'first');
    assert.match(await run('list'), /first/);
  });
});
