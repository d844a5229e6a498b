'use strict';
const express = require('express');
const { Pool } = require('pg');
const report = require('./report.cjs');

const pool = new Pool({ connectionString: process.env.POSTGRES_URL, max: 8 });
const app = express();
app.get('/user/:id', (request, response, next) => {
  pool
    .query('SELECT id, name FROM bench_users WHERE id = $1', [Number(request.params.id)])
    .then(({ rows }) => response.json(rows[0] ?? null))
    .catch(next);
});
report(app);
