// Unit suites, every verb among them, on file systems with other rules than Linux' own: mounted NTFS and exFAT, through FUSE.
import { spawnSync } from 'node:child_process';
import { closeSync, globSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runGroups } from './groups.mjs';
import { root } from './paths.mjs';
import { must, run } from './processes.mjs';

const DISK_BYTES = 512 * 1024 * 1024;
const LONGEST_MS = { share: 5 * 60_000, whole: 20 * 60_000 };
const ROOMS = ['create', 'restore', 'verify', 'store', 'transfer', 'retention', 'repair', 'files'];

/** @typedef {{ name: string, make: readonly [string, ...string[]], mount: readonly [string, ...string[]], options: readonly string[] }} Kind */

/** @type {readonly Kind[]} */
const KINDS = [
  // The names of Windows are kept as they are written; links and modes are there.
  { name: 'NTFS', make: ['mkntfs', '-F', '-q', '-f'], mount: ['ntfs-3g'], options: ['-o', 'windows_names,permissions'] },
  // Case makes no difference and is not kept, as accents are not by HFS+.
  { name: 'NTFS without case', make: ['mkntfs', '-F', '-q', '-f'], mount: ['lowntfs-3g'], options: ['-o', 'windows_names,ignore_case'] },
  // Case makes no difference and is kept; there are no links, no modes and no owners, and times are coarse.
  { name: 'exFAT', make: ['mkfs.exfat'], mount: ['mount.exfat-fuse'], options: [] },
];

/** Why nothing can be mounted here whatever is installed; null: it can. */
export function filesystemsObstacle() {
  return process.platform !== 'linux' ? 'Linux mounts them.' : process.getuid?.() !== 0 ? 'Only root may mount them.' : null;
}

/**
 * Runs them on what is bundled in out/test and built in dist.
 * @param {'share' | 'whole'} extent every time, or everything
 */
export async function testOnFilesystems(extent) {
  const { share, gaps } = JSON.parse(readFileSync(join(root, 'test/filesystems/filesystems.json'), 'utf8'));
  const own = { name: 'own rules', files: ['test/filesystems/rules.test.ts'] };
  const counts = { passed: 0, failed: 0 };
  for (const kind of KINDS) {
    console.log(` ${kind.name}`);
    const { passed, failed } = await onDisk(kind, (disk, folder) =>
      runGroups({
        name: kind.name,
        groups: [own, ...(extent === 'share' ? share : whole())],
        gaps: [...gaps.all, ...(gaps[kind.name] ?? [])],
        folder,
        mocha: (config, lines, output) => runMocha(kind, disk, join(folder, config), join(folder, lines), join(folder, output), extent),
      }),
    );
    counts.passed += passed;
    counts.failed += failed;
  }
  return counts;
}

function whole() {
  const files = (/** @type {string} */ room) => globSync(`test/unit/${room}/**/*.test.ts`, { cwd: root }).sort();
  return [{ name: 'every verb', files: ['test/unit/cli/verbs.test.ts'] }, ...ROOMS.map((name) => ({ name, files: files(name) }))];
}

/**
 * @param {Kind} kind
 * @param {string} disk
 * @param {string} config
 * @param {string} lines
 * @param {string} output
 * @param {'share' | 'whole'} extent
 */
async function runMocha(kind, disk, config, lines, output, extent) {
  const file = openSync(output, 'a');
  const start = performance.now();
  const beside = dirname(disk);
  try {
    await run(process.execPath, [join(root, 'node_modules/mocha/bin/mocha.js'), '--config', config], {
      cwd: root,
      env: { ...process.env, TMPDIR: disk, PATS_TEST_LINES: lines, PATS_TEST_DISK: kind.name, PATS_TEST_BESIDE: beside },
      stdio: ['ignore', file, file],
      timeout: LONGEST_MS[extent],
      killSignal: 'SIGKILL',
    });
  } finally {
    closeSync(file);
  }
  return performance.now() - start < LONGEST_MS[extent];
}

/**
 * Gives `use` a mounted disk and a folder beside it; both are gone afterwards.
 * @template T
 * @param {Kind} kind
 * @param {(disk: string, folder: string) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function onDisk({ make, mount, options }, use) {
  const folder = mkdtempSync(join(tmpdir(), 'pats-disk-'));
  const [image, disk] = [join(folder, 'image'), join(folder, 'disk')];
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  writeFileSync(image, '');
  truncateSync(image, DISK_BYTES);
  mkdirSync(disk);
  let device = '';
  const remove = () => {
    // Lazily, so that a program that is still at work there keeps nothing from being removed.
    spawnSync('umount', ['--lazy', disk], { stdio: 'ignore', env });
    spawnSync('losetup', ['--detach', device], { stdio: 'ignore', env });
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', remove);
  try {
    const [maker, ...how] = make;
    await must(maker, [...how, image], { env });
    device = (await must('losetup', ['--find', '--show', image], { env })).trim();
    const [mounter, ...more] = mount;
    // Not through a pipe, which what goes on serving the disk would keep open.
    if ((await run(mounter, [...more, device, disk, ...options], { env, stdio: ['ignore', 'ignore', 'inherit'] })) !== 0) {
      throw new Error(`${mounter} could not mount a new disk.`);
    }
    return await use(disk, folder);
  } finally {
    process.off('exit', remove);
    remove();
  }
}
