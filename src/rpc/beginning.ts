// What there was before an operation, so that what it has made is told without a clock, which may be set while it runs.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DumpParams, ExportParams, ProjectRequest } from '../engine/engine';
import type { Progress } from '../engine/operation';
import type { Method } from './protocol';

/** Made before the operation is asked for; hears what it says of its progress. */
export class Beginning {
  private names: ReadonlySet<string> | null = null;
  private readonly fileWasThere: boolean;

  constructor(method: Method, project: ProjectRequest, params: unknown) {
    const file = newFileOf(method, project, params);
    this.fileWasThere = file !== undefined && existsSync(file);
  }

  /** Whether that was only about the beginning, and nothing for people. */
  hear({ there }: Progress): boolean {
    if (there !== undefined) {
      this.names ??= new Set(there);
    }
    return there !== undefined;
  }

  /** Whether something in the backups folder came after the operation had begun. One that did not begin has made nothing. */
  isNew(name: string): boolean {
    return this.names !== null && !this.names.has(name);
  }

  /** Whether the file that the operation was to write can be its work: it writes over none. */
  get writesFile(): boolean {
    return !this.fileWasThere;
  }
}

/** The file that the operation is told to write; undefined: it chooses one, or writes none. */
export function newFileOf(method: Method, { root }: ProjectRequest, params: unknown): string | undefined {
  if (method === 'dump') {
    const { file } = params as DumpParams;
    return file === undefined ? undefined : resolve(root, file);
  }
  if (method === 'exportBackup') {
    const { name, file, passphrase, recipients } = params as ExportParams;
    const isEncrypted = passphrase !== undefined || recipients !== undefined;
    return resolve(root, file ?? `${name}.zip${isEncrypted ? '.age' : ''}`);
  }
  return undefined;
}
