// Where the command line writes: one JSON document or text on standard output, everything else on standard error.
import { inspect } from 'node:util';
import { reportOf, type BackupError, type ErrorReport } from '../engine/errors';
import { printableJson, printableLines } from '../engine/limits/printable';

export interface OutputMode {
  readonly json: boolean;
  readonly quiet: boolean;
}

export class Output {
  private isAnswered = false;

  constructor(
    readonly mode: OutputMode,
    private readonly out: NodeJS.WritableStream = process.stdout,
    private readonly err: NodeJS.WritableStream = process.stderr,
  ) {}

  /** Columns of the terminal; unlimited where it does not say, and where the output goes to a file or another program. */
  get width(): number {
    return (process.stdout.isTTY && process.stdout.columns) || Number.POSITIVE_INFINITY;
  }

  /** The answer of a verb: the document with --json, else the text. */
  answer(document: unknown, text: string): void {
    this.isAnswered = true;
    this.out.write(this.mode.json ? printableJson(`${JSON.stringify(document, null, 2)}\n`) : ended(text));
  }

  /** The same for verbs that do something: --quiet leaves out the text. */
  result(document: unknown, text: string): void {
    if (this.mode.json || !this.mode.quiet) {
      this.answer(document, text);
    }
  }

  /** A remark beside the answer. */
  note(text: string): void {
    if (!this.mode.quiet && text !== '') {
      this.err.write(ended(text));
    }
  }

  /** What a question has to show before it is asked, even with --quiet. */
  ask(text: string): void {
    this.err.write(ended(text));
  }

  failure(error: unknown): ErrorReport {
    const report = reportOf(error);
    this.isAnswered = true;
    if (this.mode.json) {
      this.out.write(printableJson(`${JSON.stringify({ error: report }, null, 2)}\n`));
    } else {
      this.err.write(ended(`${report.message}\n${report.remedy}\n`));
    }
    this.log(() => inspect(error, { depth: 4 }));
    return report;
  }

  /** Says what is true of an answer that will never come; nothing if there was one. */
  stopped(report: BackupError): void {
    if (!this.isAnswered) {
      this.failure(report);
    }
  }

  /** For those who look for a fault in this program: PATS_BACKUP_LOG=1. */
  log(text: () => string): void {
    if (process.env['PATS_BACKUP_LOG'] === '1') {
      this.err.write(ended(text()));
    }
  }
}

/** Whatever the text was made of, nothing in it is a command to the terminal. */
function ended(text: string): string {
  const harmless = printableLines(text);
  return harmless === '' || harmless.endsWith('\n') ? harmless : `${harmless}\n`;
}
