// Every row against its peers in one run, what the rows grow by, and docs/benchmarks.md.
// usage: npm run bench -- [--quick] [--only starts|database|uploads|dump|compare|clone|memory|growth|pause]... [--write]
import Database from 'better-sqlite3';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type as system } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cloneRows } from './clone-rows';
import { compareRows } from './compare-rows';
import { databaseRows, dumpRows } from './database-rows';
import { growthRows, type Growth } from './growth';
import { markdownOf, asked, versionOf, type Row } from './measure';
import { memoryLines } from './memory';
import { pauseRows } from './pause-rows';
import { removePlaces } from './places';
import { startRows } from './starts';
import { uploadsRows } from './uploads-rows';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    write: { type: 'boolean', default: false },
  },
});
const isQuick = values.quick;
const isAsked = (part: string): boolean => values.only?.includes(part) ?? true;

const busyNow = (): string => loadavg()[0]?.toFixed(1) ?? 'unknown';
const busyBefore = busyNow();

void main().finally(removePlaces);

async function main(): Promise<void> {
  const rows: Row[] = [];
  const growth: Growth[] = [];
  const memory: string[] = [];
  const since = performance.now();
  if (isAsked('starts')) {
    rows.push(...(await startRows(isQuick ? 5 : 15, isQuick ? [1000] : [1000, 10_000])));
  }
  if (isAsked('database')) {
    rows.push(...(await databaseRows(100, isQuick ? 3 : 9, 3)));
    rows.push(...(isQuick ? [] : await databaseRows(1000, 5, 2.5)));
  }
  if (isAsked('uploads')) {
    rows.push(...(await uploadsRows(isQuick ? 2000 : 10_000, isQuick ? 3 : 7)));
  }
  if (isAsked('dump')) {
    rows.push(...(await dumpRows(isQuick ? 20 : 100, isQuick ? 3 : 7)));
  }
  if (isAsked('compare')) {
    rows.push(...(await compareRows(isQuick ? 100 : 1000, 3)));
  }
  if (isAsked('clone')) {
    rows.push(...(await cloneRows(isQuick ? 200 : 1000)));
  }
  if (isAsked('pause')) {
    rows.push(...(await pauseRows(100, isQuick ? 3 : 9)));
  }
  if (isAsked('memory')) {
    memory.push(...memoryLines(isQuick ? [100] : [1000], isQuick ? [10_000] : [10_000, 100_000]));
  }
  if (isAsked('growth')) {
    growth.push(...(await growthRows(isQuick ? [10, 100] : [10, 100, 1000], isQuick ? [1000, 4000] : [1000, 10_000, 100_000])));
  }
  if (values.write) {
    const file = join(process.env['PATS_REPO'] ?? process.cwd(), 'docs/benchmarks.md');
    writeFileSync(file, page(rows, growth, memory, (performance.now() - since) / 1000));
  }
}

function page(rows: readonly Row[], growth: readonly Growth[], memory: readonly string[], seconds: number): string {
  const shell = new Database(':memory:');
  const sqlite = String(shell.prepare('SELECT sqlite_version()').pluck().get());
  shell.close();
  versionOf('cp');
  const programs = asked().map(([name, version]) => `${name}: ${version ?? '**not here, not measured**'}`);
  const [cpu] = cpus();
  const machine = `${system()} ${release()}, ${cpus().length} × ${cpu?.model ?? 'unknown'}, ${(totalmem() / 2 ** 30).toFixed(0)} GB of memory`;
  return `# Benchmarks

Written by \`npm run bench -- --write\`${isQuick ? ' with `--quick`' : ''} in ${seconds.toFixed(0)} s. Each row is measured against its peers on the same data, in turns, in one run, with warm caches; the first round is not counted. The engine runs in the process that measures, and loads dumps in another one, as always. Absolute times are of one machine and decide nothing: the ratios do. Processor time counts all threads and the programs that were run.

- ${machine}
- Programs that wanted a processor besides, by the load average when it began and ended: ${busyBefore} and ${busyNow()}${values.only === undefined ? '' : `\n- Measured were only: ${values.only.join(', ')}`}
- Node ${process.versions.node}, SQLite ${sqlite} (better-sqlite3)
${programs.map((line) => `- ${line}`).join('\n')}

| what | who | ms, median (fastest–slowest) | processor ms | ours ÷ theirs | processor |
|---|---|---|---|---|---|
${rows.flatMap((row) => markdownOf(row)).join('\n')}

## Growth

${growthText(growth)}

## Memory

Largest resident size of a process that does one thing.

${memory.map((line) => `- ${line}`).join('\n')}
`;
}

function growthText(growth: readonly Growth[]): string {
  return growth.length === 0
    ? 'Not measured in this run.'
    : `Milliseconds for each unit, so that a line of equal numbers is linear growth.

| what | at each size |
|---|---|
${growth.map(({ what, at }) => `| ${what} | ${at.map(({ size, each }) => `${size}: ${each.toFixed(2)}`).join(', ')} |`).join('\n')}`;
}
