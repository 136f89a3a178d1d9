// Measures works in turns in one run, so that a busy moment hits all of them, and keeps what came out as rows of a table.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Work {
  readonly name: string;
  /** Not counted. */
  readonly before?: (round: number) => unknown;
  readonly run: (round: number) => unknown;
}

/** What one work took, in milliseconds. */
export interface Took {
  readonly wall: readonly number[];
  /** Processor time of this process and of the programs that it ran. */
  readonly processor: readonly number[];
}

/** A line of the table: ours as a ratio to each peer, the first of which the goal is about. */
export interface Row {
  readonly what: string;
  readonly goal: number | null;
  readonly rounds: number;
  readonly ours: Took;
  readonly peers: ReadonlyMap<string, Took>;
}

/** Clock ticks a second in which Linux counts the processor time of programs. */
const TICKS = 100;

/** Runs each work once uncounted (caches are warm then), and `rounds` times counted, in turns. */
export async function inTurns(works: readonly Work[], rounds: number, isWarmed = true): Promise<Map<string, Took>> {
  const times = new Map(works.map(({ name }) => [name, { wall: [] as number[], processor: [] as number[] }]));
  for (let round = isWarmed ? 0 : 1; round <= rounds; round++) {
    for (const { name, before, run } of works) {
      await before?.(round);
      const processor = processorTime();
      const start = performance.now();
      await run(round);
      const wall = performance.now() - start;
      if (round > 0) {
        times.get(name)?.wall.push(wall);
        times.get(name)?.processor.push(processorTime() - processor);
      }
    }
  }
  return times;
}

/** Milliseconds of this process, its threads, and the programs that it has waited for (Linux; elsewhere without those). */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 + childrenTime();
}

function childrenTime(): number {
  try {
    // What follows the name in parentheses: fields 16 and 17 are cutime and cstime (proc_pid_stat(5)).
    const fields = readFileSync('/proc/self/stat', 'latin1')
      .replace(/^.*\) /, '')
      .split(' ');
    return ((Number(fields[13]) + Number(fields[14])) * 1000) / TICKS;
  } catch {
    return 0;
  }
}

export function median(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN;
}

/** Measures ours against its peers; the first work is ours. */
export async function row(what: string, goal: number | null, rounds: number, works: readonly Work[]): Promise<Row> {
  const times = await inTurns(works, rounds);
  const [own, ...others] = works;
  const ours = times.get(own?.name ?? '') ?? { wall: [], processor: [] };
  const measured = {
    what,
    goal,
    rounds,
    ours,
    peers: new Map(others.map(({ name }) => [name, times.get(name) ?? { wall: [], processor: [] }])),
  };
  process.stdout.write(`${lineOf(measured)}\n`);
  return measured;
}

/** A row of what somebody else has measured: milliseconds each, ours and by the names of the peers. */
export function rowOf(what: string, rounds: number, ours: readonly number[], peers: Readonly<Record<string, readonly number[]>>): Row {
  const took = (wall: readonly number[]): Took => ({ wall, processor: [] });
  return { what, goal: null, rounds, ours: took(ours), peers: new Map(Object.entries(peers).map(([name, wall]) => [name, took(wall)])) };
}

function lineOf({ what, goal, ours, peers }: Row): string {
  const own = median(ours.wall);
  const ratios = [...peers].map(([name, took]) => `${(own / median(took.wall)).toFixed(2)} x ${name} (${median(took.wall).toFixed(0)} ms)`);
  return `${what}: ${own.toFixed(0)} ms = ${ratios.join(', ')}${goal === null ? '' : `; goal ${goal}`}`;
}

/** As a line of Markdown: medians, the spread from the fastest to the slowest, and the ratios of wall and processor time. */
export function markdownOf({ what, goal, rounds, ours, peers }: Row): string[] {
  const cells = (name: string, took: Took): string =>
    `${name} | ${median(took.wall).toFixed(0)} (${Math.min(...took.wall).toFixed(0)}–${Math.max(...took.wall).toFixed(0)}) | ${shown(median(took.processor), 0)}`;
  const ratio = (took: Took): string =>
    `${(median(ours.wall) / median(took.wall)).toFixed(2)} | ${shown(median(ours.processor) / median(took.processor), 2)}`;
  return [
    `| **${what}** (n = ${rounds})${goal === null ? '' : `, goal ${goal}`} | ${cells('pats-backup', ours)} | | |`,
    ...[...peers].map(([name, took]) => `| | ${cells(name, took)} | ${ratio(took)} |`),
  ];
}

/** Empty: it was not measured. */
function shown(value: number, digits: number): string {
  return Number.isNaN(value) ? '' : value.toFixed(digits);
}

const programs = new Map<string, string | null>();

/** Of programs that do not know `--version`. */
const HOW_TO_ASK: Readonly<Record<string, readonly string[]>> = { restic: ['version'], openssl: ['version'], sqldiff: ['--help'] };

/** The first line of what a program says about its version; null: it is not here. */
export function versionOf(program: string, ...args: string[]): string | null {
  if (!programs.has(program)) {
    try {
      const said = execFileSync(program, args.length === 0 ? ['--version'] : args, {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      programs.set(program, said.split('\n', 1)[0] ?? '');
    } catch {
      programs.set(program, null);
    }
  }
  return programs.get(program) ?? null;
}

/** The works whose program is here; the others are named. */
export function present(program: string, works: readonly Work[]): readonly Work[] {
  if (versionOf(program, ...(HOW_TO_ASK[program] ?? [])) !== null) {
    return works;
  }
  works.forEach(({ name }) => process.stdout.write(`${name} is not measured: there is no ${program} here.\n`));
  return [];
}

export function asked(): readonly (readonly [string, string | null])[] {
  return [...programs];
}

export function sh(script: string, ...args: string[]): void {
  execFileSync('sh', ['-ec', script, 'sh', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
}
