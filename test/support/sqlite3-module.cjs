// What Sequelize asks of the package sqlite3, which npm cannot install without its binary: better-sqlite3 of this repository in its place.
'use strict';
const { createRequire } = require('node:module');
const { join } = require('node:path');
const Better = createRequire(join(process.env.PATS_REPO, 'package.json'))('better-sqlite3');

class Database {
  constructor(file, _mode, done) {
    this.filename = file;
    this.db = new Better(file);
    setImmediate(done, null);
  }

  serialize(work) {
    work();
  }

  run(sql, parameters, done) {
    this.#answer((statement, values) => statement.run(...values), sql, parameters, done);
  }

  all(sql, parameters, done) {
    this.#answer(
      (statement, values) => (statement.reader ? statement.all(...values) : (statement.run(...values), [])),
      sql,
      parameters,
      done,
    );
  }

  close(done) {
    this.db.close();
    done?.(null);
  }

  #answer(ask, sql, parameters, callback) {
    const done = typeof parameters === 'function' ? parameters : callback;
    const given = typeof parameters === 'function' || parameters === undefined ? [] : parameters;
    const values = Array.isArray(given)
      ? given
      : [Object.fromEntries(Object.entries(given).map(([name, value]) => [name.slice(1), value]))];
    let result;
    try {
      result = ask(this.db.prepare(sql), values);
    } catch (error) {
      done?.call({}, error);
      return;
    }
    done?.call({ lastID: Number(result.lastInsertRowid ?? 0), changes: result.changes ?? 0 }, null, result);
  }
}

module.exports = { Database, OPEN_READWRITE: 2, OPEN_CREATE: 4, verbose: () => module.exports };
