'use strict';
const Database = require('better-sqlite3');

const database = new Database(':memory:');
database.exec('CREATE TABLE bench_users (id INTEGER PRIMARY KEY, name TEXT)');
const insert = database.prepare('INSERT INTO bench_users (id, name) VALUES (?, ?)');
for (let id = 1; id <= 100; id++) insert.run(id, `user ${id}`);
const select = database.prepare('SELECT id, name FROM bench_users WHERE id = ?');
require('./serve.cjs')((id) => select.get(id));
