'use strict';
const { Pool } = require('pg');

const pool = new Pool({ connectionString: process.env.POSTGRES_URL, max: 8 });
require('./serve.cjs')(async (id) => {
  const { rows } = await pool.query('SELECT id, name FROM bench_users WHERE id = $1', [id]);
  return rows[0];
});
