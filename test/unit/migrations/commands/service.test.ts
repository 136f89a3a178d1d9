// Which compose service runs the project, and what a command line through it looks like.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeCommand } from '../../../../src/engine/compose/program';
import { codePath, inService, serviceFor } from '../../../../src/engine/migrations/commands/service';
import { readSchemaState } from '../../../../src/engine/migrations/state/state';
import { alembicProject, rows } from '../../../support/alembic-project';
import { atRevision, evidenceProject } from '../../../support/evidence-project';
import { emptyProject } from '../../../support/migrations-project';
import { newForEachTest } from '../../../support/stand-in';

describe('Commands of a project with a compose file', () => {
  const project = newForEachTest(emptyProject);
  beforeEach(() => {
    project.write('backend/alembic.ini', '');
    project.write('data/x', '');
  });

  const place = (): { root: string; database: string } => ({ root: project.root, database: join(project.root, 'data/app.db') });
  function typed(command = 'alembic upgrade head'): string | null {
    const folder = join(project.root, 'backend');
    const choice = serviceFor(place(), { tool: 'alembic', program: 'alembic', folder });
    return choice.kind === 'one'
      ? inService(choice.service, command, codePath(choice.service, folder), project.root, 'docker compose')
      : null;
  }

  it('run in the service that mounts the database and is built from the code', () => {
    project.write(
      'compose.yaml',
      'services:\n  viewer:\n    image: sqlite-web\n    volumes: ["./data:/data:ro"]\n  api:\n    build: ./backend\n    volumes: ["./data:/app/data"]\n',
    );
    assert.equal(typed(), 'docker compose exec api alembic upgrade head');
  });

  it('run in the service that mounts the database and the code, in the folder that the code has there', () => {
    project.write(
      'docker-compose.yml',
      'services:\n  api:\n    image: python:3.12\n    working_dir: /src\n    volumes:\n      - .:/src\n      - type: bind\n        source: ./data\n        target: /data\n',
    );
    assert.equal(typed(), 'docker compose exec -w /src/backend api alembic upgrade head');
  });

  it('run in the service whose command runs the tool', () => {
    project.write(
      'compose.yml',
      'services:\n  api:\n    image: registry.example/api\n    command: sh -c "alembic upgrade head && serve"\n    volumes: ["./data:/data"]\n',
    );
    assert.equal(typed(), 'docker compose exec api alembic upgrade head');
  });

  it('name a compose file that Compose does not find by itself', () => {
    project.write('deploy/docker-compose.dev.yml', 'services:\n  api:\n    build: ../backend\n    volumes: ["../data:/app/data"]\n');
    assert.equal(typed(), 'docker compose -f deploy/docker-compose.dev.yml exec api alembic upgrade head');
  });

  it('run in a shell of the container where there is more than one of them', () => {
    project.write('compose.yml', 'services:\n  api:\n    build: backend\n    volumes: ["./data:/data"]\n');
    assert.equal(typed("alembic current && echo 'x'"), `docker compose exec api sh -c 'alembic current && echo '\\''x'\\'''`);
  });

  it('do not run in a service where the code would use another file than the one it mounts', () => {
    const own = evidenceProject();
    try {
      own.alembic('.', 'from alembic import context\n', 'sqlite:///data/app.db');
      const database = own.database('data/app.db', atRevision('a1'));
      const offered = (target: string): string | undefined => {
        const code = '"./alembic:/src/alembic", "./alembic.ini:/src/alembic.ini"';
        own.write('compose.yaml', `services:\n  api:\n    build: .\n    working_dir: /src\n    volumes: [${code}, "./data:${target}"]\n`);
        return readSchemaState({ root: own.root, database }).commands.apply;
      };
      assert.match(offered('/src/data') ?? '', /exec api/);
      assert.doesNotMatch(offered('/kept') ?? '', /exec/);
    } finally {
      own.remove();
    }
  });

  const ELSEWHERE: readonly [string, string][] = [
    ['the database is in a named volume', 'services:\n  api:\n    build: backend\n    volumes: ["data:/data"]\nvolumes:\n  data:\n'],
    ['no service holds the code', 'services:\n  web:\n    image: sqlite-web\n    volumes: ["./data:/data"]\n'],
    ['the file is broken', 'services: [\n'],
    ['the file is none', '- 1\n'],
  ];
  for (const [name, text] of ELSEWHERE) {
    it(`run on this machine when ${name}`, () => {
      project.write('compose.yml', text);
      assert.equal(typed(), null);
    });
  }

  describe('with a service that', () => {
    const APP = 'build: ./backend\n    volumes: ["./data:/data"]';
    const services = (...texts: readonly string[]): string =>
      `services:\n${texts.map((text, index) => `  s${index}:\n    ${text}\n`).join('')}`;
    const WITHOUT: Readonly<Record<string, readonly [compose: string, dockerfile?: string]>> = {
      'only reads the file': [services('build: ./backend\n    volumes: ["./data:/data:ro"]')],
      'sees a named volume in its place': [`${services('build: ./backend\n    volumes: [".:/app", "data:/app/data"]')}volumes: {data: }\n`],
      'sees the whole machine': [services('build: ./backend\n    volumes: ["/:/rootfs"]')],
      'uses another engine': [services(`${APP}\n    environment: ["DATABASE_URL=mysql+pymysql://u:p@db/app"]`)],
      'uses another engine, by its driver': [services(`${APP}\n    environment: {DB_CONNECTION: pgsql}`)],
      'uses another file': [services(`${APP}\n    environment: {DATABASE_URL: "sqlite:////data/other.db"}`)],
      'looks at databases': [services('image: coleifer/sqlite-web:latest\n    volumes: [".:/data"]')],
      'is of another language': [
        services('build: ./backend\n    volumes: [".:/app"]'),
        'FROM node:20 AS build\nRUN npm ci\nFROM nginx\nCOPY . .\n',
      ],
      'only a profile starts': [services(`${APP}\n    profiles: [tools]`, 'image: x')],
    };
    for (const [what, [compose, dockerfile]] of Object.entries(WITHOUT)) {
      it(`${what}: not in it`, () => {
        project.write('compose.yml', compose);
        project.write('backend/Dockerfile', dockerfile ?? 'FROM python:3.12\nWORKDIR /app\nCOPY . .\n');
        assert.deepEqual(serviceFor(place(), { tool: 'alembic', program: 'alembic', folder: join(project.root, 'backend') }), {
          kind: 'none',
        });
        assert.notEqual(serviceFor(place(), null).kind, what === 'is of another language' ? 'question' : 'one');
      });
    }

    it('keeps its data elsewhere, by a variable', () => {
      project.write('compose.yml', services(`${APP}\n    environment: {APP_DATA_DIR: /elsewhere}`));
      assert.equal(serviceFor(place(), null).kind, 'none');
    });

    it('is one of several: which, is a question', () => {
      project.write('compose.yml', services(APP, `${APP}\n    command: worker`));
      const choice = serviceFor(place(), { tool: 'alembic', program: 'alembic', folder: join(project.root, 'backend') });
      assert.deepEqual(choice, { kind: 'question', why: 'The services s0 and s1 of compose.yml all use this database.' });
    });

    it('is in a file that is not understood: which, is a question', () => {
      project.write('compose.yml', `include: ["https://example.com/more.git"]\n${services(APP)}`);
      assert.equal(serviceFor(place(), null).kind, 'question');
    });

    it('builds another stage of a Dockerfile of another name', () => {
      project.write(
        'compose.yml',
        services('build: {context: backend, dockerfile: Dev.Dockerfile, target: dev}\n    volumes: ["./data:/srv/data"]'),
      );
      project.write('backend/Dev.Dockerfile', 'FROM python:3.12 AS base\nWORKDIR /srv\nFROM base AS dev\nCOPY . .\nFROM nginx AS web\n');
      const choice = serviceFor(place(), { tool: 'alembic', program: 'alembic', folder: join(project.root, 'backend') });
      assert.equal(choice.kind === 'one' ? codePath(choice.service, join(project.root, 'backend/alembic.ini')) : null, '/srv/alembic.ini');
    });
  });

  it('are those of the schema state', () => {
    const whole = alembicProject({ a1: 'base', b2: 'a1' });
    whole.sql(rows('a1'));
    whole.write('compose.yml', 'services:\n  api:\n    build: .\n    volumes: [".:/app"]\n');
    const { commands } = readSchemaState(whole.folder());
    assert.match(commands.apply ?? '', /^docker[ -]compose exec -w \/app api alembic upgrade head$/);
    whole.remove();
  });

  it('use "docker-compose" only where the plugin is missing and the old program is there', () => {
    const bin = mkdtempSync(join(tmpdir(), 'pats-bin-'));
    assert.equal(composeCommand(bin, []), 'docker compose');
    writeFileSync(join(bin, 'docker-compose'), '#!/bin/sh\n');
    chmodSync(join(bin, 'docker-compose'), 0o755);
    assert.equal(composeCommand(bin, []), 'docker-compose');
    assert.equal(composeCommand(bin, [bin]), 'docker compose');
    rmSync(bin, { recursive: true });
  });
});
