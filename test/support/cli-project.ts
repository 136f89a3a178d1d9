// A small project on the real disk, and the built command line as a process on it.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import Database from 'better-sqlite3';
import { z } from 'zod';

export const REPOSITORY = process.env['PATS_REPO'] ?? process.cwd();
export const CLI = join(REPOSITORY, 'dist', 'cli.js');

/** What any verb prints with --json when it fails. */
export const failure = z.strictObject({
  error: z.strictObject({ code: z.string(), message: z.string().min(1), remedy: z.string().min(1) }),
});

export const warnings = z.array(z.strictObject({ code: z.string().regex(/^[A-Z_]+$/), message: z.string().min(1) }));

const damaged = z.array(z.strictObject({ path: z.string(), sharedWith: z.array(z.string()) }));

export const manifest = z.looseObject({
  backup_name: z.string(),
  path: z.string(),
  database_file: z.string().nullable(),
  uploads_included: z.boolean(),
  warnings,
});

export const restored = z.strictObject({
  restored: z.string(),
  safetyBackup: z.string(),
  revisionBefore: z.string().nullable(),
  revisionAfter: z.string().nullable(),
  commands: z.array(z.string()),
  warnings,
});

/** What `list --json` prints. */
export const list = z.array(
  z.strictObject({
    name: z.string(),
    path: z.string(),
    status: z.enum(['ok', 'incomplete']),
    reason: z.string().optional(),
    sizeBytes: z.number(),
    manifest: z.looseObject({}).optional(),
    warnings,
  }),
);

/** What `verify --json` prints. */
export const verified = z.array(z.strictObject({ name: z.string(), ok: z.boolean(), problems: z.array(z.string()), damaged, warnings }));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class CliProject {
  private constructor(readonly root: string) {}

  /** A project that is there already. */
  static at(root: string): CliProject {
    return new CliProject(root);
  }

  /** One row and one upload, both "first". */
  static async create(): Promise<CliProject> {
    const project = new CliProject(await realpath(await mkdtemp(join(tmpdir(), 'pats-cli-'))));
    await mkdir(join(project.root, 'backend/data'), { recursive: true });
    await mkdir(join(project.root, 'backend/uploads'), { recursive: true });
    await project.setPhoto('first');
    project.setRow('first');
    return project;
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }

  get database(): string {
    return join(this.root, 'backend/data/pats.db');
  }

  withDatabase<T>(use: (db: Database.Database) => T): T {
    const db = new Database(this.database);
    try {
      return use(db);
    } finally {
      db.close();
    }
  }

  setRow(value: string): void {
    this.withDatabase((db) => db.exec(`CREATE TABLE IF NOT EXISTS t(x); DELETE FROM t; INSERT INTO t VALUES ('${value}')`));
  }

  row(): unknown {
    return this.withDatabase((db) => db.prepare('SELECT x FROM t').pluck().get());
  }

  async setPhoto(value: string): Promise<void> {
    await writeFile(join(this.root, 'backend/uploads/photo.txt'), value);
  }

  async photo(): Promise<string> {
    return await readFile(join(this.root, 'backend/uploads/photo.txt'), 'utf8');
  }

  /** Starts a verb; the prefix is a command that runs it. */
  start(args: readonly string[], prefix: readonly string[] = [], env: NodeJS.ProcessEnv = {}): ChildProcess {
    const [command = '', ...rest] = [...prefix, process.execPath, CLI, ...args];
    const cleanEnv = { ...process.env, ELECTRON_RUN_AS_NODE: '1', PATS_BACKUP_LOG: '', ...env };
    return spawn(command, rest, { cwd: this.root, env: cleanEnv, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  async run(...args: string[]): Promise<Ended> {
    return await ended(this.start(args));
  }

  /** The one document on standard output, in its shape. */
  async json<T>(schema: z.ZodType<T>, code: number, ...args: string[]): Promise<T> {
    const result = await this.run(...args, '--json');
    assert.equal(result.code, code, result.stderr + result.stdout);
    return schema.parse(JSON.parse(result.stdout));
  }
}

/** Waits for the end of a verb. */
export async function ended(child: ChildProcess): Promise<Ended> {
  assert.ok(child.stdout && child.stderr);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}
