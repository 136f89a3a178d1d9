// The example as an application in a container, its data in a named volume or on this machine, with a writer in it.
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newFolder } from './folder';
import { IMAGE, type OwnDocker } from './own-docker';

/** The same for all projects with this writer: built once. */
const EXAMPLE = 'pats-example:1';

export type Shape = 'volume' | 'bind' | 'user';

export interface ContainerProject {
  readonly root: string;
  /** Starts the application, or starts it again. */
  up(): void;
  /** What Compose printed. */
  compose(...words: string[]): string;
  /** Runs Python in the application's container, which must run; what it printed. */
  python(code: string): string;
  /** The ids of the application's container, and its state. */
  id(): string;
  state(): string;
  /** Containers, volumes and files. */
  remove(): void;
}

export interface ContainerOptions {
  readonly shape?: Shape;
  /** Commits a second; an upload with every tenth. */
  readonly rate?: number;
  readonly journalMode?: 'WAL' | 'DELETE';
  /** More of the service, indented by four. */
  readonly more?: string;
  /** What the volume of the database is made with, after its colon. */
  readonly data?: string;
  /** Another application than the usual one, in Python. */
  readonly writer?: string;
}

/** Commits until it is told to end, and keeps how many it has in a row that only it writes. */
const WRITER = `import os, signal, sqlite3, sys, time
url = os.environ["DATABASE_URL"][len("sqlite:///"):]
uploads = os.environ["UPLOAD_DIR"]
rate = float(os.environ.get("RATE", "0"))
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
os.makedirs(uploads, exist_ok=True)
db = sqlite3.connect(url, timeout=30, isolation_level=None)
db.execute("PRAGMA journal_mode = " + os.environ.get("JOURNAL_MODE", "WAL"))
db.execute("CREATE TABLE IF NOT EXISTS written (n INTEGER PRIMARY KEY, body TEXT)")
while True:
    if rate == 0:
        time.sleep(1)
        continue
    db.execute("BEGIN IMMEDIATE")
    n = db.execute("SELECT coalesce(max(n), 0) + 1 FROM written").fetchone()[0]
    db.execute("INSERT INTO written VALUES (?, ?)", (n, "x" * 200))
    db.execute("COMMIT")
    if n % 10 == 0:
        with open(os.path.join(uploads, "%d.txt" % n), "w") as file:
            file.write("upload %d" % n)
    time.sleep(1 / rate)
`;

const repository = process.env['PATS_REPO'] ?? process.cwd();

/** Built and migrated by the real Alembic, not started yet. */
export function containerProject(
  docker: OwnDocker,
  { shape = 'volume', rate = 0, journalMode = 'WAL', more = '', data: made = '', writer = WRITER }: ContainerOptions = {},
): ContainerProject {
  const { path: root, remove } = newFolder('container');
  const image = writer === WRITER ? EXAMPLE : `pats-example:${createHash('sha256').update(writer).digest('hex').slice(0, 12)}`;
  const at = (path: string): string => join(root, path);
  mkdirSync(at('backend'));
  for (const path of ['alembic', 'alembic.ini']) {
    cpSync(join(repository, 'examples/pats/project/backend', path), at(`backend/${path}`), { recursive: true });
  }
  writeFileSync(at('backend/writer.py'), writer);
  writeFileSync(at('backend/Dockerfile'), `FROM ${IMAGE}\nWORKDIR /app\nCOPY . .\n`);
  const data =
    shape === 'volume' ? ['data:/app/data', 'uploads:/app/uploads'] : ['./backend/data:/app/data', './backend/uploads:/app/uploads'];
  const user = shape === 'user' ? '    user: "1000:1000"\n' : '';
  writeFileSync(
    at('docker-compose.yml'),
    `services:
  backend:
    build: ./backend
    image: ${image}
    network_mode: none
    command: python3 writer.py
    stop_grace_period: 3s
${user}    environment:
      DATABASE_URL: sqlite:////app/data/pats.db
      UPLOAD_DIR: /app/uploads
      RATE: "${rate}"
      JOURNAL_MODE: ${journalMode}
    volumes:
${data.map((each) => `      - ${each}\n`).join('')}${more}${shape === 'volume' ? `volumes:\n  data:${made}\n  uploads:\n` : ''}`,
  );
  if (shape !== 'volume') {
    for (const path of ['backend/data', 'backend/uploads']) {
      mkdirSync(at(path));
      chmodSync(at(path), 0o777);
    }
  }
  const compose = (...words: string[]): string => docker.compose(root, ...words);
  if (docker.docker('images', '-q', image) === '') {
    compose('build', '--quiet');
  }
  compose('run', '--rm', '-T', 'backend', 'alembic', 'upgrade', 'head');
  const project: ContainerProject = {
    root,
    compose,
    up: () => {
      compose('up', '-d');
    },
    python: (code) => compose('exec', '-T', 'backend', 'python3', '-c', code),
    id: () => compose('ps', '-aq', 'backend'),
    state: () => docker.docker('inspect', '--format', '{{.State.Status}}', project.id()),
    remove: () => {
      compose('down', '-v', '--timeout', '1');
      remove();
    },
  };
  return project;
}
