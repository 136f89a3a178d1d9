// The real git in a folder, with an author and without the settings of this machine.
import { execFileSync } from 'node:child_process';

/** Runs git and gives what it printed. */
export function git(folder: string, ...args: string[]): string {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  const identity = ['-c', 'user.name=Pat', '-c', 'user.email=pat@example.org'];
  return execFileSync('git', [...identity, ...args], { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}
