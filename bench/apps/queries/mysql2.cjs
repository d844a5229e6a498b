'use strict';
const mysql = require('mysql2/promise');

const pool = mysql.createPool({ uri: process.env.MARIADB_URL, connectionLimit: 8 });
require('./serve.cjs')(async (id) => {
  const [rows] = await pool.query('SELECT id, name FROM bench_users WHERE id = ?', [id]);
  return rows[0];
});
