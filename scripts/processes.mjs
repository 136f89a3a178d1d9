// Child processes that end with this one, and commands that must succeed.
import { spawn } from 'node:child_process';

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
/** Those of them that lead a process group. @type {WeakSet<import('node:child_process').ChildProcess>} */
const leaders = new WeakSet();
const HAS_GROUPS = process.platform !== 'win32';

/**
 * Runs a command to its end and returns its exit code.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions & { onOutput?: (text: string) => void }} [options]
 * @returns {Promise<number>}
 */
export function run(command, args, { onOutput, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: onOutput ? ['ignore', 'pipe', 'pipe'] : 'inherit', ...options });
    running.add(child);
    if (onOutput) {
      child.stdout?.setEncoding('utf8').on('data', onOutput);
      child.stderr?.setEncoding('utf8').on('data', onOutput);
    }
    child.once('error', reject);
    child.once('close', (code) => {
      running.delete(child);
      resolve(code ?? 1);
    });
  });
}

/**
 * Runs a command that must succeed; what it printed is the error's text when it does not.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<string>} what it printed
 */
export async function must(command, args, options = {}) {
  let output = '';
  const code = await run(command, args, {
    ...options,
    onOutput: (text) => {
      output += text;
    },
  });
  if (code !== 0) {
    throw new Error(`${command} ${args.join(' ')} ended with exit code ${code}:\n${output.trimEnd().split('\n').slice(-30).join('\n')}`);
  }
  return output;
}

/**
 * Starts a process that runs beside this one, in a process group of its own, so that it ends with all it started.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 */
export function startBeside(command, args, options = {}) {
  const child = spawn(command, args, { detached: HAS_GROUPS, ...options });
  running.add(child);
  if (HAS_GROUPS) {
    leaders.add(child);
  }
  child.once('exit', () => running.delete(child));
  return child;
}

const STOP_MS = 5000;

/**
 * Ends a process that was started beside this one, kindly first.
 * @param {import('node:child_process').ChildProcess} child
 */
export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const ended = new Promise((resolve) => child.once('exit', resolve));
  signal(child, 'SIGTERM');
  const timer = setTimeout(() => signal(child, 'SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(timer);
  // What the process started and did not wait for.
  signal(child, 'SIGKILL');
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} name
 */
function signal(child, name) {
  try {
    if (child.pid !== undefined && leaders.has(child)) {
      process.kill(-child.pid, name);
    } else {
      child.kill(name);
    }
  } catch {
    // It has ended already.
  }
}

process.on('exit', () => {
  for (const child of running) {
    signal(child, 'SIGKILL');
  }
});
// Without a listener a signal ends the process and skips `exit`.
for (const [name, code] of /** @type {const} */ ([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
])) {
  process.once(name, () => {
    process.exit(code);
  });
}
