// The schema engine of the real Prisma, in this process, and its command line.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { npmModule, npmTool } from './npm-tools';

export type HistoryDiagnostic =
  | { readonly diagnostic: 'databaseIsBehind'; readonly unappliedMigrationNames: readonly string[] }
  | { readonly diagnostic: 'migrationsDirectoryIsBehind'; readonly unpersistedMigrationNames: readonly string[] }
  | {
      readonly diagnostic: 'historiesDiverge';
      readonly unpersistedMigrationNames: readonly string[];
      readonly unappliedMigrationNames: readonly string[];
    };

/** What `prisma migrate status` is made of. */
export interface Diagnosis {
  readonly editedMigrationNames: readonly string[];
  readonly failedMigrationNames: readonly string[];
  readonly history: HistoryDiagnostic | null;
}

interface Engine {
  applyMigrations(input: object): Promise<{ readonly appliedMigrationNames: readonly string[] }>;
  diagnoseMigrationHistory(input: object): Promise<Diagnosis>;
  markMigrationApplied(input: object): Promise<unknown>;
  markMigrationRolledBack(input: object): Promise<unknown>;
  free(): void;
}

interface Glue {
  __wbg_set_wasm(exports: unknown): void;
  readonly SchemaEngine: { new: (options: object, log: () => void, adapter: object) => Promise<Engine> };
}

interface Wasm {
  instantiate(bytes: Buffer, imports: object): Promise<{ readonly instance: { readonly exports: { __wbindgen_start(): void } } }>;
}

interface Factory {
  connect(): Promise<{ dispose(): Promise<void> }>;
}

/** A migrations folder as Prisma loads it. */
export interface MigrationList {
  readonly baseDir: string;
  readonly lockfile: { readonly path: string; readonly content: string | null };
  readonly shadowDbInitScript: string;
  readonly migrationDirectories: readonly {
    readonly path: string;
    readonly migrationFile: { readonly path: string; readonly content: { readonly tag: 'ok' | 'error'; readonly value: string } };
  }[];
}

const FILTERS = { externalTables: [], externalEnums: [] };

let loading: Promise<Glue> | undefined;

async function load(): Promise<Glue> {
  const { WebAssembly: wasm } = globalThis as unknown as { readonly WebAssembly: Wasm };
  const glue = npmModule('prisma', '@prisma/schema-engine-wasm/schema_engine_bg') as Glue;
  const bytes = readFileSync(join(npmTool('prisma'), 'node_modules/@prisma/schema-engine-wasm/schema_engine_bg.wasm'));
  const { instance } = await wasm.instantiate(bytes, { './schema_engine_bg.js': glue });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return glue;
}

export function listOf(folder: string): MigrationList {
  const textOf = (path: string): string | null => {
    try {
      return readFileSync(join(folder, path), 'utf8');
    } catch {
      return null;
    }
  };
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const migrationDirectories = names
    .map(({ name }) => {
      const text = textOf(`${name}/migration.sql`);
      const content = { tag: text === null ? ('error' as const) : ('ok' as const), value: text ?? 'no such file' };
      return { path: name, migrationFile: { path: 'migration.sql', content } };
    })
    .sort((a, b) => a.path.localeCompare(b.path));
  const lockfile = { path: 'migration_lock.toml', content: textOf('migration_lock.toml') };
  return { baseDir: folder, lockfile, shadowDbInitScript: '', migrationDirectories };
}

export class RealPrisma {
  private constructor(
    private readonly engine: Engine,
    private readonly connections: readonly { dispose(): Promise<void> }[],
  ) {}

  static async open(database: string): Promise<RealPrisma> {
    const { PrismaBetterSQLite3: Adapter } = npmModule('prisma', '@prisma/adapter-better-sqlite3') as {
      PrismaBetterSQLite3: new (options: { readonly url: string }) => Factory;
    };
    const { bindMigrationAwareSqlAdapterFactory: bind } = npmModule('prisma', '@prisma/driver-adapter-utils') as {
      bindMigrationAwareSqlAdapterFactory: (adapter: Factory) => object;
    };
    const datamodels = [['schema.prisma', 'datasource db {\n  provider = "sqlite"\n}\n']];
    const connections: { dispose(): Promise<void> }[] = [];
    const factory = new Adapter({ url: `file:${database}` });
    const connect = factory.connect.bind(factory);
    // The engine leaves its connections open, and with them an exclusive lock.
    factory.connect = async () => {
      const connection = await connect();
      connections.push(connection);
      return connection;
    };
    const { SchemaEngine } = await (loading ??= load());
    return new RealPrisma(await SchemaEngine.new({ datamodels }, () => undefined, bind(factory)), connections);
  }

  /** `migrate deploy`: the names of those that were applied. */
  async deploy(migrationsList: MigrationList): Promise<readonly string[]> {
    return (await this.engine.applyMigrations({ migrationsList, filters: FILTERS })).appliedMigrationNames;
  }

  /** `migrate status`. */
  diagnose(migrationsList: MigrationList): Promise<Diagnosis> {
    return this.engine.diagnoseMigrationHistory({ migrationsList, optInToShadowDatabase: false, filters: FILTERS });
  }

  /** `migrate resolve`. */
  async resolve(migrationName: string, as: 'applied' | 'rolled-back', migrationsList: MigrationList): Promise<void> {
    await (as === 'applied'
      ? this.engine.markMigrationApplied({ migrationName, migrationsList })
      : this.engine.markMigrationRolledBack({ migrationName }));
  }

  async close(): Promise<void> {
    this.engine.free();
    await Promise.all(this.connections.map((connection) => connection.dispose()));
  }
}

/** One command of the real `prisma`, typed in a folder. */
export function runPrisma(folder: string, args: readonly string[]): Promise<{ readonly status: number | null; readonly output: string }> {
  const program = join(npmTool('prisma'), 'node_modules/prisma/build/index.js');
  // It wants its query engine and the variable of a schema to be there, of which no command of the migrations makes use.
  const env = {
    ...process.env,
    CHECKPOINT_DISABLE: '1',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    PRISMA_QUERY_ENGINE_LIBRARY: program,
    DATABASE_URL: 'file:./unused.db',
  };
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [program, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (text: Buffer) => (output += text.toString()));
    child.stderr.on('data', (text: Buffer) => (output += text.toString()));
    child.on('error', fail);
    child.on('close', (status) => {
      done({ status, output });
    });
  });
}
