// Opens a dump for reading: finds out how it is compressed and encoded, and hands it on as text.
import { closeSync, createReadStream, openSync, readSync, statSync, type ReadStream } from 'node:fs';
import { TextDecoder } from 'node:util';
import { BackupError } from '../../errors';
import { explainSqlite } from '../connection';
import { SealReader, type Seal } from './format';
import { Growth, readGrowing } from './growing';
import { unpackGzip, unpackZstd, type Unpack } from './unpack';
import { said } from '../../said';

/** Large enough that most statements lie whole in one piece, and small enough that its text is given back before many more are made. */
const PIECE = 256 * 1024;
const BOM = '\ufeff';
const EXPORT_AGAIN = 'Make the dump again, as plain UTF-8 text or compressed with gzip or zstd.';

interface Kind {
  readonly magic: string;
  readonly unpack?: Unpack;
  readonly refusal?: string;
}

/** The first bytes of a file, as Latin-1. */
const KINDS: readonly Kind[] = [
  { magic: '\x1f\x8b', unpack: unpackGzip },
  { magic: '\x28\xb5\x2f\xfd', unpack: unpackZstd },
  { magic: '\xff\xfe', refusal: 'is UTF-16 text' },
  { magic: '\xfe\xff', refusal: 'is UTF-16 text' },
  { magic: 'SQLite format 3\0', refusal: 'is a SQLite database, not an SQL dump' },
  { magic: 'PK\x03\x04', refusal: 'is a zip archive' },
  { magic: 'BZh', refusal: 'is compressed with bzip2' },
  { magic: '\xfd7zXZ', refusal: 'is compressed with xz' },
];

export interface DumpPiece {
  readonly text: string;
  /** Bytes of the file read so far. */
  readonly position: number;
}

export class DumpSource {
  private readonly seal = new SealReader();
  private readonly kind: Kind | undefined;

  /** Fails at once on a file that is empty, missing, or of a kind that cannot be a dump. `growth`: it is still being written. */
  constructor(
    private readonly file: string,
    private readonly growth?: Growth,
  ) {
    this.kind = kindOf(file);
  }

  /** The dump's text, piece by piece, without a byte order mark. */
  async *pieces(signal: AbortSignal | undefined): AsyncGenerator<DumpPiece> {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const isPacked = this.kind?.unpack !== undefined;
    const input = isPacked ? createReadStream(this.file, { highWaterMark: PIECE, signal }) : null;
    let first = true;
    let lines: LineEndings | undefined;
    let read = 0;
    for await (const raw of input === null ? this.plain() : this.bytes(input)) {
      lines ??= new LineEndings(raw);
      const bytes = lines.restored(raw);
      const text = this.decoded(decoder, bytes);
      const marked = first && text.startsWith(BOM);
      this.seal.add(marked ? bytes.subarray(3) : bytes);
      first = false;
      read = input?.bytesRead ?? read + raw.length;
      yield { text: marked ? text.slice(1) : text, position: read };
    }
    const rest = lines?.rest() ?? Buffer.alloc(0);
    this.seal.add(rest);
    yield { text: this.decoded(decoder, rest) + this.decoded(decoder), position: read };
  }

  /** What the frame says, once every piece was read. */
  finish(): Seal {
    return this.seal.finish();
  }

  /** As `bytes`, of one that is not packed: every piece in the same memory. */
  private async *plain(): AsyncGenerator<Buffer> {
    try {
      yield* readGrowing(this.file, this.growth ?? Growth.whole(statSync(this.file).size), PIECE);
    } catch (error) {
      throw explainSqlite(error, this.file);
    }
  }

  private async *bytes(input: ReadStream): AsyncGenerator<Buffer> {
    try {
      yield* this.kind?.unpack?.(input) ?? (input as AsyncIterable<Buffer>);
    } catch (error) {
      throw explainSqlite(error, this.file);
    } finally {
      await closed(input);
    }
  }

  private decoded(decoder: TextDecoder, bytes?: Buffer): string {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch (error) {
      const reason = bytes === undefined ? 'ends in the middle of a character' : 'is not UTF-8 text';
      throw new BackupError(
        bytes === undefined ? 'DUMP_TRUNCATED' : 'DUMP_INVALID',
        said`The dump ${reason}. Nothing was changed.`,
        EXPORT_AGAIN,
        { cause: error },
      );
    }
  }
}

/** Windows removes no file that is open: whoever gave it back must be able to. */
async function closed(input: ReadStream): Promise<void> {
  if (!input.closed) {
    // What went wrong has been told; `once` would tell it again.
    await new Promise<void>((done) => {
      input.once('close', done).destroy();
    });
  }
}

const [CARRIAGE_RETURN, LINE_FEED] = [13, 10];

/**
 * A text-mode output of Windows, and git's autocrlf, write a carriage return before every line feed, also in values. When the
 * first line ends so, each is taken away again; what stood there before came as two.
 */
class LineEndings {
  private readonly isWindows: boolean;
  private held: Buffer = Buffer.alloc(0);

  constructor(start: Buffer) {
    const end = start.indexOf(LINE_FEED);
    this.isWindows = end > 0 && start[end - 1] === CARRIAGE_RETURN;
  }

  restored(bytes: Buffer): Buffer {
    if (!this.isWindows) {
      return bytes;
    }
    const all = Buffer.concat([this.held, bytes]);
    const isCut = all.at(-1) === CARRIAGE_RETURN;
    this.held = isCut ? Buffer.from([CARRIAGE_RETURN]) : Buffer.alloc(0);
    return Buffer.from(all.toString('latin1', 0, all.length - this.held.length).replaceAll('\r\n', '\n'), 'latin1');
  }

  rest(): Buffer {
    return this.held;
  }
}

function kindOf(file: string): Kind | undefined {
  const start = firstBytes(file);
  if (start === '') {
    throw new BackupError('DUMP_INVALID', 'The dump is empty. Nothing was changed.', 'Choose another dump, or make it again.');
  }
  const kind = KINDS.find(({ magic }) => start.startsWith(magic));
  if (kind?.refusal !== undefined) {
    throw new BackupError('DUMP_INVALID', said`The file ${kind.refusal}. Nothing was changed.`, EXPORT_AGAIN);
  }
  return kind;
}

function firstBytes(file: string): string {
  let handle: number | undefined;
  try {
    handle = openSync(file, 'r');
    const bytes = Buffer.alloc(16);
    return bytes.toString('latin1', 0, readSync(handle, bytes, 0, bytes.length, 0));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'EISDIR') {
      throw new BackupError('BACKUP_NOT_FOUND', said`There is no dump at ${file}.`, 'Check the path.', { cause: error });
    }
    throw explainSqlite(error, file);
  } finally {
    if (handle !== undefined) {
      closeSync(handle);
    }
  }
}
