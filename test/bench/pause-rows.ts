// How long an application in a container stands still for a backup of its volume, against the same by hand with Docker's client.
import Database from 'better-sqlite3';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { containerProject, type ContainerProject } from '../support/container-project';
import { OwnDocker, whyNoDocker } from '../support/own-docker';
import { median, rowOf, type Row } from './measure';
import { engine } from './places';

/** Milliseconds that it may take for 100 MB. */
const GOAL = 300;
const SHAPES = [
  { journalMode: 'WAL', rate: 0 },
  { journalMode: 'WAL', rate: 50 },
  { journalMode: 'DELETE', rate: 50 },
] as const;

export async function pauseRows(megabytes: number, rounds: number): Promise<Row[]> {
  const why = whyNoDocker();
  if (why !== null) {
    process.stdout.write(`pauses of containers are not measured: ${why}\n`);
    return [];
  }
  const docker = await OwnDocker.start();
  const state = mkdtempSync(join(tmpdir(), 'pats-bench-state-'));
  process.env['DOCKER_HOST'] = docker.env['DOCKER_HOST'];
  process.env['XDG_STATE_HOME'] = state;
  try {
    const rows: Row[] = [];
    for (const shape of SHAPES) {
      rows.push(await pauseRow(docker, shape, megabytes, rounds));
    }
    return rows;
  } finally {
    await docker.remove();
    rmSync(state, { recursive: true });
  }
}

async function pauseRow(
  docker: OwnDocker,
  { journalMode, rate }: (typeof SHAPES)[number],
  megabytes: number,
  rounds: number,
): Promise<Row> {
  const project = containerProject(docker, { journalMode, rate });
  const copies = mkdtempSync(join(tmpdir(), 'pats-bench-cp-'));
  try {
    project.up();
    await sleep(2000);
    fill(docker, megabytes);
    const [ours, byHand]: [number[], number[]] = [[], []];
    for (let round = 0; round <= rounds; round++) {
      touch(project);
      const { pausedMs = 0 } = await engine.create({ root: project.root }, { trigger: 'manual' });
      touch(project);
      const theirs = pausedByHand(docker, project, copies);
      if (round > 0) {
        ours.push(pausedMs);
        byHand.push(theirs);
      }
    }
    const load = rate === 0 ? 'quiet' : `${String(rate)} commits a second`;
    const row = rowOf(
      `pause for ${String(megabytes)} MB over the API, ${journalMode} mode, ${load}; goal ${String(GOAL)} ms`,
      rounds,
      ours,
      {
        'docker pause, cp, unpause': byHand,
      },
    );
    process.stdout.write(
      `${row.what}: longest ${String(Math.max(...ours))} ms, median ${String(median(ours))}; by hand ${median(byHand).toFixed(0)}\n`,
    );
    return row;
  } finally {
    project.remove();
    rmSync(copies, { recursive: true, force: true });
  }
}

/** A hundred megabytes that nobody changes, put there from outside: the volume's folder is one of this machine. */
function fill(docker: OwnDocker, megabytes: number): void {
  const volume = docker.docker('volume', 'ls', '-q', '--filter', 'label=com.docker.compose.volume=data');
  const db = new Database(join(docker.docker('volume', 'inspect', '--format', '{{.Mountpoint}}', volume), 'pats.db'), { timeout: 20_000 });
  db.exec('CREATE TABLE entry (id INTEGER PRIMARY KEY, bytes BLOB)');
  for (let part = 0; part < megabytes; part += 10) {
    db.exec(
      'INSERT INTO entry (bytes) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) SELECT randomblob(3900) FROM n',
    );
  }
  db.close();
}

/** One row more, so that no round finds what the one before has copied. */
function touch(project: ContainerProject): void {
  project.python(
    'import sqlite3; db = sqlite3.connect("data/pats.db", timeout=30); db.execute("INSERT INTO entry (bytes) VALUES (1)"); db.commit()',
  );
}

/** Milliseconds from the pause to the end of it. */
function pausedByHand(docker: OwnDocker, project: ContainerProject, copies: string): number {
  const id = project.id();
  rmSync(copies, { recursive: true, force: true });
  mkdirSync(copies);
  const start = performance.now();
  execFileSync('docker', ['pause', id], { env: docker.env, stdio: 'ignore' });
  execFileSync('docker', ['cp', `${id}:/app/data`, copies], { env: docker.env, stdio: 'ignore' });
  execFileSync('docker', ['unpause', id], { env: docker.env, stdio: 'ignore' });
  return performance.now() - start;
}
