// Specification of discovery: databases that only a container reaches, and what is never offered for them.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../../src/engine/create-engine';
import { readSchemaState } from '../../../../src/engine/migrations/state/state';
import { clearProject, discover } from '../../../../src/engine/project/discovery/discovery';
import { searchedFolder } from '../../../support/searched-folder';

const DOCKERFILE = 'FROM python:3.12\nWORKDIR /app\nCOPY . .\n';
const INI = '[alembic]\nscript_location = alembic\nsqlalchemy.url = sqlite:///data/pats.db\n';
const ENV_PY =
  'import os\nfrom alembic import context\nfrom sqlalchemy import create_engine\nurl = os.environ.get("DATABASE_URL", context.config.get_main_option("sqlalchemy.url"))\nengine = create_engine(url)\n';
const FIRST = 'revision = "a1"\ndown_revision = None\ndef upgrade():\n    pass\n';

describe('discovery of a database in a container', () => {
  const project = searchedFolder();
  const { write, database } = project;
  let root: string;
  beforeEach(async () => {
    root = project.root;
    await write('backend/Dockerfile', DOCKERFILE);
    await write('backend/alembic.ini', INI);
    await write('backend/alembic/env.py', ENV_PY);
    await write('backend/alembic/versions/a1.py', FIRST);
  });

  const compose = (service: string, rest = ''): Promise<unknown> =>
    write('docker-compose.yml', `services:\n  backend:\n    build: ./backend\n${service}${rest}volumes:\n  data:\n`);
  const named = '    environment:\n      DATABASE_URL: sqlite:////app/data/pats.db\n    volumes: ["data:/app/data"]\n';
  const place = { service: 'backend', volume: 'data', path: '/app/data/pats.db' };

  async function found(): Promise<object | undefined> {
    const { databasePlace } = clearProject(await discover({ root }));
    return databasePlace && { service: databasePlace.service, volume: databasePlace.volume, path: databasePlace.path };
  }

  const WAYS: Record<string, () => Promise<unknown>> = {
    'a variable of the service': () => compose(named),
    'a relative path in a variable, from where the service works': () =>
      compose('    environment: ["DATABASE_URL=sqlite:///data/pats.db"]\n    volumes: ["data:/app/data"]\n'),
    'a variable of the image': async () => {
      await write('backend/Dockerfile', `${DOCKERFILE}ENV DATABASE_URL=sqlite:////app/data/pats.db\n`);
      await compose('    volumes: ["data:/app/data"]\n');
    },
    'the .env file': async () => {
      await write('.env', 'DATABASE_URL=sqlite:////app/data/pats.db\n');
      await compose('    volumes: ["data:/app/data"]\n');
    },
    'the configuration of the migrations, copied into the image': () => compose('    volumes: ["data:/app/data"]\n'),
    'the same, mounted from here, with a volume over the data': () =>
      write(
        'docker-compose.yml',
        'services:\n  backend:\n    image: x\n    volumes: ["./backend:/app", "data:/app/data"]\nvolumes: {data: }\n',
      ),
    'the setting, as docker compose cp takes it': async () => {
      await compose('    volumes: ["data:/app/data"]\n');
      await write('.vscode/settings.json', '{"patsBackup.database": "backend:/app/data/pats.db"}');
    },
    'the setting, from when the data lay on this machine': async () => {
      await compose('    volumes: ["data:/app/data"]\n');
      await write('.vscode/settings.json', '{"patsBackup.database": "backend/data/pats.db"}');
    },
    'two services that share the volume': () =>
      compose(named, '  worker:\n    image: w\n    environment: ["DB_PATH=/srv/pats.db"]\n    volumes: ["data:/srv"]\n'),
  };
  for (const [way, make] of Object.entries(WAYS)) {
    it(`finds it by ${way}, and offers no command that would make a second one`, async () => {
      await make();
      assert.deepEqual(await found(), place);
      const { project: found_ } = await discover({ root });
      assert.equal(found_.database, null);
      const state = readSchemaState(found_);
      assert.ok(
        (Object.values(state.commands) as string[]).every((command) => command.includes(' exec ')),
        JSON.stringify(state.commands),
      );
      assert.deepEqual(state.pending, []);
      const engine = createEngine();
      const said = JSON.stringify([await engine.status({ root }), await engine.doctor({ root })]);
      assert.doesNotMatch(said, /does not exist yet|Start the application once/);
      assert.match(said, /pats\.db in volume data \(service backend\)/);
    });
  }

  it('offers the commands of the service that has the code', async () => {
    await compose(named, '  viewer:\n    image: sqlite-web\n    volumes: ["data:/data"]\n');
    assert.equal(readSchemaState((await discover({ root })).project).commands.show, 'docker compose exec backend alembic current');
  });

  it('says why there is no command where none is known to reach it', async () => {
    await write('backend/alembic/env.py', 'from x import url\nengine = create_engine(url())\n');
    await compose(named);
    const { commands, commandProblem } = readSchemaState({ ...(await discover({ root })).project, database: join(root, 'none.db') });
    assert.deepEqual(commands, {});
    assert.match(commandProblem ?? '', /the database is pats\.db in volume data \(service backend\)/);
  });

  it('asks where a database of this machine may be meant as well, and takes the answer', async () => {
    await compose(named);
    await database('backend/data/pats.db');
    const { question, candidates } = await discover({ root });
    assert.match(question ?? '', /on this machine as well/);
    assert.deepEqual(
      candidates.map(({ path }) => path),
      ['backend:/app/data/pats.db', join(root, 'backend/data/pats.db')],
    );
    assert.equal((await discover({ root, database: candidates[1]?.path ?? '' })).project.database, join(root, 'backend/data/pats.db'));
    assert.equal((await discover({ root, database: candidates[0]?.path ?? '' })).project.databasePlace?.volume, 'data');
  });

  it('leaves a database of this machine alone that only the layout of the code would put into a volume', async () => {
    await compose('    volumes: ["data:/app/data"]\n');
    const file = await database('backend/data/pats.db');
    assert.equal((await discover({ root })).project.database, file);
  });

  it('makes no file of this machine', async () => {
    await compose(named);
    const engine = createEngine();
    await assert.rejects(engine.create({ root }, { trigger: 'manual' }), { code: 'DATABASE_NOT_FOUND' });
    assert.equal(existsSync(join(root, 'backend/data')), false);
  });
});
