'use strict';
const { createServer } = require('node:http');
const fastify = require('fastify');
const mysql = require('mysql2/promise');
const report = require('./report.cjs');

const pool = mysql.createPool({ uri: process.env.MARIADB_URL, connectionLimit: 8 });
let server;
const app = fastify({
  serverFactory(handler) {
    server = createServer(handler);
    return server;
  },
});
app.get('/user/:id', async (request) => {
  const [rows] = await pool.query('SELECT id, name FROM bench_users WHERE id = ?', [
    Number(request.params.id),
  ]);
  return rows[0] ?? null;
});
app.ready().then(() => report(server));
