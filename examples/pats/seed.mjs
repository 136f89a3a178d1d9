// Rows and uploaded files of the example: the same every time.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

const COMPANIES = ['Aurora Robotics', 'Blaue Welle GmbH', 'Cedar & Sons', 'Dovetail Health', 'Étoile Systèmes', 'Fjord Analytics', 'Granite Bank', 'Harbour Labs'];
const TITLES = ['Backend Engineer', 'Data Engineer', 'Platform Engineer', 'Full-Stack Developer', 'Site Reliability Engineer'];
const STATES = ['draft', 'applied', 'interview', 'offer', 'rejected'];
const PEOPLE = ['Ana Ortiz', 'Björn Larsen', 'Chen Wei', 'Dana Levi', 'Émile Roux', 'Fatima Noor'];
const TAGS = ['remote', 'python', 'typescript', 'startup', 'part-time'];

/** Fills every table that the database has. */
export function seedRows(db) {
  const tables = new Set(db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all());
  const fill = (table, rows) => {
    if (tables.has(table)) {
      for (const row of rows) {
        const columns = Object.keys(row);
        db.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((column) => `@${column}`).join(', ')})`).run(row);
      }
    }
  };
  const applications = Array.from({ length: 24 }, (_, index) => ({
    id: index + 1,
    company_id: (index % COMPANIES.length) + 1,
    title: TITLES[index % TITLES.length],
    status: STATES[(index * 3) % STATES.length],
    applied_on: `2025-${String((index % 12) + 1).padStart(2, '0')}-15`,
  }));
  db.pragma('foreign_keys = ON');
  db.transaction(() => {
    fill('companies', COMPANIES.map((name, index) => ({ id: index + 1, name, website: `https://company-${index + 1}.example` })));
    fill('applications', applications);
    fill('contacts', PEOPLE.map((name, index) => ({ id: index + 1, company_id: index + 1, name, email: `contact${index + 1}@example.org` })));
    fill('documents', DOCUMENTS.map(([path, kind], index) => ({ id: index + 1, application_id: index + 1, kind, path })));
    fill('interviews', applications.slice(0, 6).map(({ id }) => ({ id, application_id: id, contact_id: id, starts_at: `2025-06-0${id} 10:00:00.000000`, notes: `Round ${id}: "Tell us about a restore you are proud of."` })));
    fill('tags', TAGS.map((name, index) => ({ id: index + 1, name })));
    fill('application_tags', applications.map(({ id }) => ({ application_id: id, tag_id: (id % TAGS.length) + 1 })));
    fill('reminders', applications.slice(0, 4).map(({ id }) => ({ id, application_id: id, due_on: `2025-07-1${id}`, text: 'Ask how it went', done: id % 2 })));
  })();
}

const DOCUMENTS = [
  ['1/cv.pdf', 'cv'],
  ['1/cover-letter.txt', 'letter'],
  ['2/portrait.png', 'photo'],
  ['3/références/attestation.pdf', 'reference'],
  ['4/portfolio.zip', 'other'],
  ['5/notes (draft).md', 'other'],
  ['6/empty.txt', 'other'],
];

export function writeUploads(folder) {
  const content = {
    '1/cv.pdf': pdf('Curriculum vitae'),
    '1/cover-letter.txt': 'Dear Ms Ortiz,\n\nI have never lost a database.\n',
    '2/portrait.png': png(48),
    '3/références/attestation.pdf': pdf('Attestation de travail'),
    '4/portfolio.zip': emptyZip(),
    '5/notes (draft).md': '# Questions\n\n- How do you take backups?\n- When did you last restore one?\n',
    '6/empty.txt': '',
  };
  for (const [path, bytes] of Object.entries(content)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}

function pdf(title) {
  const text = `BT /F1 24 Tf 72 720 Td (${title}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${text.length} >>\nstream\n${text}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let body = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  return `${body}xref\n0 6\n0000000000 65535 f \n${table}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n${body.length}\n%%EOF\n`;
}

function png(size) {
  const rows = Buffer.alloc(size * (size * 3 + 1));
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      rows.set([x * 5, y * 5, 160], y * (size * 3 + 1) + 1 + x * 3);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

function emptyZip() {
  return Buffer.concat([Buffer.from('PK\u0005\u0006', 'latin1'), Buffer.alloc(18)]);
}
