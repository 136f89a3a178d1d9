// The SQL that each migration of the example runs, so that a database of any revision can be made without Python.
const version = `CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
)`;

/** In the order in which Alembic applies them. */
export const MIGRATIONS = [
  {
    revision: '3f1a9c20b7d4',
    parents: [],
    sql: [
      `CREATE TABLE companies (
	id INTEGER NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	website VARCHAR(500), 
	PRIMARY KEY (id), 
	UNIQUE (name)
)`,
      `CREATE TABLE applications (
	id INTEGER NOT NULL, 
	company_id INTEGER NOT NULL, 
	title VARCHAR(200) NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	applied_on DATE, 
	PRIMARY KEY (id), 
	FOREIGN KEY(company_id) REFERENCES companies (id)
)`,
    ],
  },
  {
    revision: '8b2e5d614c0f',
    parents: ['3f1a9c20b7d4'],
    sql: [
      `CREATE TABLE contacts (
	id INTEGER NOT NULL, 
	company_id INTEGER NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	email VARCHAR(200), 
	PRIMARY KEY (id), 
	FOREIGN KEY(company_id) REFERENCES companies (id) ON DELETE CASCADE
)`,
      'CREATE INDEX ix_contacts_email ON contacts (email)',
    ],
  },
  {
    revision: 'c47d0e93a1b6',
    parents: ['8b2e5d614c0f'],
    sql: [
      `CREATE TABLE documents (
	id INTEGER NOT NULL, 
	application_id INTEGER NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	path VARCHAR(500) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(application_id) REFERENCES applications (id) ON DELETE CASCADE
)`,
    ],
  },
  {
    revision: 'd2608c4f7ea9',
    parents: ['c47d0e93a1b6'],
    sql: [
      `CREATE TABLE tags (
	id INTEGER NOT NULL, 
	name VARCHAR(50) NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name)
)`,
      `CREATE TABLE application_tags (
	application_id INTEGER NOT NULL, 
	tag_id INTEGER NOT NULL, 
	PRIMARY KEY (application_id, tag_id), 
	FOREIGN KEY(application_id) REFERENCES applications (id) ON DELETE CASCADE, 
	FOREIGN KEY(tag_id) REFERENCES tags (id) ON DELETE CASCADE
)`,
    ],
  },
  {
    revision: '5e9f1b7a2d30',
    parents: ['c47d0e93a1b6'],
    sql: [
      `CREATE TABLE interviews (
	id INTEGER NOT NULL, 
	application_id INTEGER NOT NULL, 
	contact_id INTEGER, 
	starts_at DATETIME NOT NULL, 
	notes TEXT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(application_id) REFERENCES applications (id) ON DELETE CASCADE, 
	FOREIGN KEY(contact_id) REFERENCES contacts (id)
)`,
    ],
  },
  { revision: '71c3a5e8b9d2', parents: ['5e9f1b7a2d30', 'd2608c4f7ea9'], sql: [] },
  {
    revision: 'a90b4e2f6c18',
    parents: ['71c3a5e8b9d2'],
    sql: [
      `CREATE TABLE _alembic_tmp_applications (
	id INTEGER NOT NULL, 
	company_id INTEGER NOT NULL, 
	title VARCHAR(200) NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	applied_on DATE, 
	salary_from INTEGER, 
	salary_to INTEGER, 
	PRIMARY KEY (id), 
	FOREIGN KEY(company_id) REFERENCES companies (id)
)`,
      `INSERT INTO _alembic_tmp_applications (id, company_id, title, status, applied_on)
       SELECT id, company_id, title, status, applied_on FROM applications`,
      'DROP TABLE applications',
      'ALTER TABLE _alembic_tmp_applications RENAME TO applications',
      'CREATE INDEX ix_applications_status ON applications (status)',
    ],
  },
  {
    revision: 'e6d81f3057ca',
    parents: ['a90b4e2f6c18'],
    sql: [
      `CREATE TABLE reminders (
	id INTEGER NOT NULL, 
	application_id INTEGER NOT NULL, 
	due_on DATE NOT NULL, 
	text VARCHAR(500) NOT NULL, 
	done BOOLEAN DEFAULT 0 NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(application_id) REFERENCES applications (id) ON DELETE CASCADE
)`,
    ],
  },
];

export const HEAD = 'e6d81f3057ca';

/** Migrates an empty database to a revision, as `alembic upgrade <revision>` would. */
export function migrate(db, revision) {
  const wanted = ancestors(revision);
  db.pragma('foreign_keys = OFF');
  db.exec(version);
  for (const migration of MIGRATIONS.filter((each) => wanted.has(each.revision))) {
    for (const statement of migration.sql) {
      db.exec(statement);
    }
  }
  db.prepare('INSERT INTO alembic_version VALUES (?)').run(revision);
}

function ancestors(revision) {
  const migration = MIGRATIONS.find((each) => each.revision === revision);
  if (migration === undefined) {
    throw new Error(`There is no revision ${revision}. Choose one of: ${MIGRATIONS.map((each) => each.revision).join(', ')}.`);
  }
  return new Set([revision, ...migration.parents.flatMap((parent) => [...ancestors(parent)])]);
}
