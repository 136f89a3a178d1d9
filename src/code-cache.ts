// Keeps what Node made of our code for the next start, in a folder of this user's own. Must run on Node 14.
import { lstatSync, mkdirSync, statSync } from 'fs';
import Module from 'module';
import { homedir } from 'os';
import { isAbsolute, join } from 'path';
import { here } from './engine/platform/platform';

/**
 * From here on Node reads compiled code from there, and writes what is new at its end (Node 22.1; before, nothing happens).
 * A file counts by its content, so that a newer release never meets older code. Never fails: it only saves time.
 */
export function keepCompiledCode(): void {
  const { enableCompileCache: enable } = Module as { enableCompileCache?: (folder: string) => unknown };
  try {
    const folder = ownFolder();
    if (enable && folder) {
      enable(folder);
    }
  } catch {
    // No home, or one that cannot be written: it starts as it does the first time.
  }
}

/** What lies there is run: nobody else may write to it, and what root makes must not lie in another user's home. */
function ownFolder(): string | null {
  const { isWindows } = here;
  const user = isWindows ? undefined : process.getuid?.();
  if (!isWindows && statSync(homedir()).uid !== user) {
    return null;
  }
  const folder = join(cacheFolder(), 'pats-backup');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stats = lstatSync(folder);
  return stats.isDirectory() && (isWindows || (stats.uid === user && (stats.mode & 0o022) === 0)) ? folder : null;
}

/** https://specifications.freedesktop.org/basedir-spec/latest/ and what Windows and macOS have for it. */
function cacheFolder(): string {
  const { env } = process;
  const named = here.isWindows ? env['LOCALAPPDATA'] : here.isMacos ? undefined : env['XDG_CACHE_HOME'];
  if (named && isAbsolute(named)) {
    return named;
  }
  return here.isWindows
    ? join(homedir(), 'AppData', 'Local')
    : here.isMacos
      ? join(homedir(), 'Library', 'Caches')
      : join(homedir(), '.cache');
}
