// The databases of the measured apps, as the tests provision them, and what they ask for.
import { MongoClient } from 'mongodb';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { provision } from '../test/helpers/servers/provision.ts';

const TABLE = 'CREATE TABLE IF NOT EXISTS bench_users (id int PRIMARY KEY, name text)';

/** @returns `env` for the apps, with the addresses of the servers */
export async function startServers() {
  const { env, stop } = await provision(['postgres', 'mariadb', 'redis', 'mongodb']);
  const url = (name) => process.env[name] ?? env[name];
  const postgres = new pg.Client(url('TEST_POSTGRES_URL'));
  await postgres.connect();
  await postgres.query(TABLE);
  await postgres.query(
    "INSERT INTO bench_users SELECT i, 'user ' || i FROM generate_series(1, 100) i ON CONFLICT DO NOTHING",
  );
  await postgres.end();
  const mariadb = await mysql.createConnection(url('TEST_MARIADB_URL'));
  await mariadb.query(TABLE);
  const rows = Array.from({ length: 100 }, (_, i) => [i + 1, `user ${i + 1}`]);
  await mariadb.query('INSERT IGNORE INTO bench_users (id, name) VALUES ?', [rows]);
  await mariadb.end();
  const mongodb = new MongoClient(url('TEST_MONGODB_URL'));
  const users = mongodb.db().collection('bench_users');
  await users.deleteMany({});
  await users.insertMany(rows.map(([_id, name]) => ({ _id, name })));
  await mongodb.close();
  return {
    env: {
      POSTGRES_URL: url('TEST_POSTGRES_URL'),
      MARIADB_URL: url('TEST_MARIADB_URL'),
      REDIS_URL: url('TEST_REDIS_URL'),
      MONGODB_URL: url('TEST_MONGODB_URL'),
    },
    stop,
  };
}
