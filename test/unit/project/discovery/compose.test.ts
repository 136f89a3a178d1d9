// Specification of discovery: databases and uploads behind the mounts of compose files.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { discover } from '../../../../src/engine/project/discovery/discovery';
import { searchedFolder } from '../../../support/searched-folder';

describe('discovery', () => {
  const project = searchedFolder();
  const { write, database, folder } = project;
  let root: string;
  beforeEach(() => {
    root = project.root;
  });

  describe('compose files', () => {
    it('map a path inside the container back through the longest bind mount', async () => {
      await write(
        'docker-compose.yml',
        `services:
  api:
    build: ./api
    environment:
      - DATABASE_URL=sqlite:////app/data/db/app.db
    volumes:
      - ./:/app
      - \${DATA:-./storage}:/app/data
      - type: bind
        source: ./user-media
        target: /app/media
`,
      );
      const file = await database('storage/db/app.db');
      const media = await folder('user-media');
      const { project } = await discover({ root });
      assert.equal(project.database, file);
      assert.equal(project.databaseOrigin, 'compose');
      assert.deepEqual(project.uploads, [media]);
    });

    it('read env_file, and map the container paths of .env files too', async () => {
      await write('deploy/compose.yaml', 'services:\n  api:\n    env_file: [{path: app.env}]\n    volumes: ["../data:/data:rw"]\n');
      await write('deploy/app.env', 'DB_PATH=/data/a.db');
      const file = await database('data/a.db');
      assert.equal((await discover({ root })).project.database, file);
      await write('.env', 'DATABASE_URL=sqlite:////data/a.db');
      assert.equal((await discover({ root })).project.databaseOrigin, '.env');
    });

    it('count only once they are copied from an example', async () => {
      const text = 'services:\n  api:\n    image: api\n    environment: ["DB_PATH=/data/a.db"]\n    volumes: ["./data:/data"]\n';
      await write('docker-compose.example.yml', text);
      await database('data/a.db');
      assert.equal((await discover({ root })).project.databaseOrigin, 'header');
      await write('docker-compose.yml', text);
      assert.equal((await discover({ root })).project.databaseOrigin, 'compose');
    });

    it('name a database in a volume, which has no file here', async () => {
      await write(
        'compose.yml',
        'services:\n  api:\n    environment: {DATABASE_URL: "sqlite:////data/a.db"}\n    volumes: [data:/data]\nvolumes: {data: }\n',
      );
      const { project, searched } = await discover({ root });
      assert.equal(project.database, null);
      assert.deepEqual(project.databasePlace, {
        service: 'api',
        composeFile: join(root, 'compose.yml'),
        volume: 'data',
        mountedAt: '/data',
        path: '/data/a.db',
      });
      assert.match(searched.join('\n'), /which only the container reaches/);
    });

    it('do no harm when they are broken', async () => {
      await write('compose.yml', 'services: [\n  : :');
      await write('docker-compose.yaml', 'services:\n  a: 5\n  b: {volumes: 7, environment: [1]}\n');
      assert.equal((await discover({ root })).project.database, null);
    });
  });
});
