// Where applications of many kinds keep uploaded files: one small project a line.
import assert from 'node:assert/strict';
import { relative } from 'node:path';
import { discover } from '../../../../src/engine/project/discovery/discovery';
import { evidenceProject, type EvidenceProject } from '../../../support/evidence-project';

const MANAGE = 'import os, django\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site.settings")\n';
const SETTINGS = 'from pathlib import Path\nBASE_DIR = Path(__file__).parent.parent\n';

/** A title, the folders that hold uploads, and files that tell or mislead. */
const PROJECTS: readonly [string, readonly string[], Readonly<Record<string, string>>][] = [
  [
    "multer's dest, from where the program is started",
    ['var/incoming'],
    {
      'package.json': '{"dependencies":{"multer":"1"}}',
      'src/routes/files.js': 'const upload = require("multer")({});\nconst other = multer({ dest: "var/incoming/" });\n',
    },
  ],
  [
    "the destination of multer's disk storage, beside the code",
    ['server/user-data'],
    {
      'package.json': '{"dependencies":{"multer":"1"}}',
      'server/index.js':
        'const storage = multer.diskStorage({ destination: (req, file, cb) => { cb(null, path.join(__dirname, "user-data")); } });\n',
    },
  ],
  ["PocketBase's own folder, below its data", ['pb_data/storage'], { 'pb_data/data.db': '' }],
  ['a variable of the .env file', ['blob-store'], { '.env': 'UPLOAD_DIR=./blob-store\nUPLOAD_TMP_DIR=./tmp-store\n' }],
  ["Directus' local storage", ['var/files-a'], { '.env': 'STORAGE_LOCATIONS=local\nSTORAGE_LOCAL_ROOT="./var/files-a"\n' }],
  [
    'a variable of a service, through its volume',
    ['srv/kept'],
    { 'compose.yaml': 'services:\n  web:\n    image: x\n    environment:\n      MEDIA_ROOT: /app/kept\n    volumes: ["./srv:/app"]\n' },
  ],
  [
    'a folder that is called otherwise outside of the container',
    ['photos-of-users'],
    { 'compose.yaml': 'services:\n  web:\n    image: x\n    volumes: ["./photos-of-users:/app/uploads"]\n' },
  ],
  [
    "Django's storages and private media",
    ['blobs', 'protected'],
    {
      'manage.py': MANAGE,
      'site/settings.py':
        `${SETTINGS}PRIVATE_MEDIA_ROOT = BASE_DIR / "protected"\n` +
        'STORAGES = {"default": {"BACKEND": "x", "OPTIONS": {"location": BASE_DIR / "blobs"}}, "staticfiles": {"OPTIONS": {"location": "site"}}}\n',
    },
  ],
  [
    "Keystone's local storage",
    ['public/pictures-of-users'],
    { 'keystone.ts': "export default config({ storage: { my: { kind: 'local', storagePath: 'public/pictures-of-users' } } });\n" },
  ],
  [
    "the disks of Laravel's own configuration",
    ['storage/shop/pictures'],
    {
      artisan: '',
      'config/filesystems.php':
        "<?php return ['disks' => ['a' => ['root' => storage_path('shop/pictures')], 'b' => ['root' => storage_path('temp')]]];",
      'storage/temp/a': 'x',
    },
  ],
  [
    'a folder that Active Storage keeps for each environment',
    ['storage/development/files'],
    {
      'config/database.yml': 'development:\n  adapter: sqlite3\n  database: app.db\n',
      'config/storage.yml': '<%= ERB.new(File.read("storage.own.yml")).result %>\n',
      'config/storage.own.yml': 'local:\n  service: Disk\n  root: <%= Rails.root.join("storage", Rails.env, "files") %>\n',
    },
  ],
  [
    'a router of FastAPI',
    ['var/incoming'],
    { 'app/routers/documents.py': 'import os\nUPLOAD_DIR = "var/incoming"\nos.makedirs(UPLOAD_DIR)\n' },
  ],
  [
    'nothing: modules that are called like what they are about are no uploads',
    [],
    { 'src/uploads/uploads.module.ts': 'export class U {}\n', 'app/media/__init__.py': '', 'app/media/models.py': 'x = 1\n' },
  ],
  [
    'what Starlette serves as uploads',
    ['var/pictures-of-users'],
    {
      'app/main.py':
        'app.mount("/static", StaticFiles(directory="web"))\napp.mount("/uploads", StaticFiles(directory="var/pictures-of-users"))\n',
      'web/site.css': '',
    },
  ],
  [
    'what Express serves as uploads',
    ['var/pictures-of-users'],
    {
      'package.json': '{"dependencies":{"express":"5"}}',
      'index.js': 'app.use("/static", express.static("web"));\napp.use("/uploads", express.static("var/pictures-of-users"));\n',
      'web/site.css': '',
    },
  ],
  [
    'the constant of a route',
    ['receipts-of-users'],
    {
      'package.json': '{"dependencies":{"@fastify/multipart":"9"}}',
      'src/routes/receipts.ts':
        'const UPLOAD_DIR = path.resolve("receipts-of-users");\nfs.createWriteStream(path.join(UPLOAD_DIR, name));\n',
    },
  ],
  [
    'a storage that a model of Django names',
    ['invoices-of-users'],
    {
      'manage.py': MANAGE,
      'site/settings.py': SETTINGS,
      'shop/models.py':
        'from django.conf import settings\nfrom django.core.files.storage import FileSystemStorage\nfs = FileSystemStorage(location=settings.BASE_DIR / "invoices-of-users")\n',
    },
  ],
  [
    "a static folder of Payload's collections",
    ['pictures-of-users'],
    {
      'package.json': '{"dependencies":{"payload":"3"}}',
      'src/collections/Media.ts': 'export const Media = { slug: "media", upload: { staticDir: "pictures-of-users" } };\n',
    },
  ],
  [
    "the storage of Nest's interceptor",
    ['received'],
    {
      'package.json': '{"dependencies":{"@nestjs/platform-express":"10"}}',
      'src/files/files.controller.ts':
        '@UseInterceptors(FileInterceptor("file", { storage: diskStorage({ destination: "./received" }) }))\n',
    },
  ],
  [
    'what a route of Next writes below public',
    ['public/of-users'],
    {
      'package.json': '{"dependencies":{"next":"15"}}',
      'app/api/pictures/route.ts':
        'const dir = path.join(process.cwd(), "public", "of-users");\nawait writeFile(path.join(dir, name), bytes);\n',
    },
  ],
  [
    'several folders of Flask',
    ['in1', 'in2'],
    {
      'app.py':
        'app.config["UPLOAD_FOLDER"] = "in1"\napp.config["AVATAR_UPLOAD_FOLDER"] = "in2"\napp.config["TEMP_UPLOAD_FOLDER"] = "in3"\n',
    },
  ],
  ['the usual folder of ASP.NET', ['wwwroot/uploads'], { 'Shop.csproj': '<Project Sdk="Microsoft.NET.Sdk.Web"/>' }],
  ['the usual folder of Phoenix', ['priv/static/uploads'], { 'mix.exs': 'defmodule Shop do end\n' }],
  [
    "the properties of Spring's application",
    ['photos-of-users'],
    { 'src/main/resources/application.properties': 'app.upload.dir=./photos-of-users\n' },
  ],
  [
    'the destination of a bundle of Symfony',
    ['public/of-products'],
    {
      'config/packages/vich_uploader.yaml':
        'vich_uploader:\n  mappings:\n    products:\n      upload_destination: "%kernel.project_dir%/public/of-products"\n',
    },
  ],
];

describe('where uploaded files lie', () => {
  let project: EvidenceProject;
  beforeEach(() => {
    project = evidenceProject();
  });
  afterEach(() => {
    project.remove();
  });

  for (const [title, folders, files] of PROJECTS) {
    it(`is found by ${title}`, async () => {
      project.database('app.db');
      for (const [path, text] of [...Object.entries(files), ...folders.map((folder) => [`${folder}/a.png`, 'x'] as const)]) {
        project.write(path, text);
      }
      const { project: found } = await discover({ root: project.root });
      assert.deepEqual(found.uploads.map((folder) => relative(project.root, folder)).sort(), [...folders].sort());
    });
  }

  it('is asked about where only a name speaks for it', async () => {
    project.database('instance/site.db');
    project.write('blog/__init__.py', 'from flask import Flask\napp = Flask(__name__)\n');
    const picture = project.write('blog/static/profile_pics/a.jpg', 'x');
    const { uploadsLookLike } = await discover({ root: project.root });
    assert.deepEqual(uploadsLookLike, [picture.slice(0, -'/a.jpg'.length)]);
  });

  it('is told of what lies beside the database, whatever else was found there', async () => {
    project.database('data/db.sqlite3');
    for (const folder of ['attachments', 'sends', 'icon_cache']) {
      project.write(`data/${folder}/a`, 'x');
    }
    const { uploadsLookLike, project: found } = await discover({ root: project.root });
    assert.deepEqual([found.uploads, uploadsLookLike], [[`${project.root}/data/attachments`], [`${project.root}/data/sends`]]);
  });

  it('is told, and not taken, where it is outside of the project', async () => {
    const elsewhere = evidenceProject();
    try {
      elsewhere.write('a.jpg', 'x');
      project.database('data/app.db');
      project.write('manage.py', MANAGE);
      project.write('site/settings.py', `${SETTINGS}MEDIA_ROOT = "${elsewhere.root}"\n`);
      project.write('uploads/b.jpg', 'x');
      const { uploadsLookLike, project: found } = await discover({ root: project.root });
      assert.deepEqual([found.uploads, uploadsLookLike], [[`${project.root}/uploads`], [elsewhere.root]]);
    } finally {
      elsewhere.remove();
    }
  });
});
