// The command line's process: arguments in, one verb run, exit code out; signals and broken pipes end nothing half-way.
import { createEngine } from '../engine/create-engine';
import type { ProjectRequest } from '../engine/engine';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { printableLines } from '../engine/limits/printable';
import { Context } from './context';
import { EngineThread } from './engine-thread';
import { EXIT, exitCodeOf, type ExitCode } from './exit-codes';
import { Output, type OutputMode } from './output';
import { parseArguments, type GlobalOptions } from './program';
import { endWithParent, handleSignals, leave } from './signals';
import { waitingText } from './text/recovery';

/** Milliseconds that a cancelled operation gets to say that it is still there. */
const PATIENCE = 1000;
/** What cannot be cancelled, because a signal ends it. */
const NEVER = new AbortController().signal;

void start();

async function start(): Promise<void> {
  let unwritten: NodeJS.ErrnoException | undefined;
  // A reader that stops reading ("| head") must not stop a backup, and is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    unwritten = error.code === 'EPIPE' ? undefined : error;
  });
  process.stderr.on('error', () => undefined);
  const args = process.argv.slice(2);
  process.on('uncaughtException', (error) => {
    new Output(earlyMode(args)).failure(error);
    process.exit(EXIT.failed);
  });
  const thread = new EngineThread(join(__dirname, 'cli-engine.js'), (details) => {
    new Output(earlyMode(args)).log(() => details);
  });
  const code = await run(args, thread);
  // Who interrupts what has answered changes nothing about the answer.
  process.exitCode = code;
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  // A failure to write is told after the write.
  await new Promise((next) => setImmediate(next));
  if (unwritten !== undefined && code === EXIT.done) {
    process.stderr.write(`The output could not be written: ${unwritten.message}.\nEverything else was done. Write it to another place.\n`);
    process.exit(EXIT.incomplete);
  }
  leave(code, thread.isBusy && !(await thread.answers(PATIENCE)));
}

async function run(args: readonly string[], thread: EngineThread): Promise<ExitCode> {
  let output = new Output(earlyMode(args));
  try {
    const parsed = parseArguments(args, version());
    if (parsed.kind === 'printed') {
      (parsed.code === EXIT.done ? process.stdout : process.stderr).write(printableLines(parsed.text));
      return parsed.code;
    }
    output = new Output({ json: parsed.options.json ?? false, quiet: parsed.options.quiet ?? false });
    const hello = (): string => `pats-backup ${version()} on Node ${process.versions.node}: ${args.join(' ')}`;
    const request = requestOf(parsed.options);
    if (parsed.traits.isQuick === true) {
      endWithParent();
      output.log(hello);
      // What only looks has no use for the many threads that copy.
      process.env['UV_THREADPOOL_SIZE'] = '1';
      const engine = createEngine(undefined, {
        onRecovered: (actions, waiting) => {
          noteRecovery(output, { actions, waiting });
        },
      });
      return await parsed.verb(new Context(engine, request, output, NEVER));
    }
    const signal = handleSignals(
      (text) => {
        output.note(text);
      },
      thread,
      () => {
        output.stopped(thread.leftBehind());
      },
    );
    output.log(hello);
    const context = new Context(thread.engine, request, output, signal);
    if (!parsed.traits.changesNothing) {
      noteRecovery(output, await context.engine.recover(context.project, {}, { signal }));
    }
    return await parsed.verb(context);
  } catch (error) {
    return exitCodeOf(output.failure(error).code);
  }
}

/** What was put in order before the verb, and what waits to be. */
interface Told {
  readonly actions: readonly string[];
  readonly waiting: Parameters<typeof waitingText>[0] | null;
}

function noteRecovery(output: Output, { actions, waiting }: Told): void {
  actions.forEach((action) => {
    output.note(action);
  });
  if (waiting !== null) {
    output.note(waitingText(waiting));
  }
}

/** How to write before the arguments are understood, or when they never will be. */
function earlyMode(args: readonly string[]): OutputMode {
  const end = args.indexOf('--');
  return { json: (end < 0 ? args : args.slice(0, end)).includes('--json'), quiet: false };
}

/** Paths on the command line are relative to the working directory, as the shell completes them. */
function requestOf(options: GlobalOptions): ProjectRequest {
  return {
    root: resolve(options.project ?? '.'),
    ...(options.database && { database: isInContainer(options.database) ? options.database : resolve(options.database) }),
    ...(options.uploads && { uploads: options.uploads.filter((folder) => folder !== '').map((folder) => resolve(folder)) }),
    ...(options.backups && { backups: resolve(options.backups) }),
  };
}

/** SERVICE:PATH; a single letter is a drive. */
function isInContainer(written: string): boolean {
  return /^[a-zA-Z0-9][\w.-]+:\//.test(written);
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown';
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((done) => {
    if (stream.destroyed || stream.writableLength === 0) {
      done();
    } else {
      stream.write('', () => {
        done();
      });
    }
  });
}
