/** Drivers of SQL databases: a span for each statement. */
import type { RegistryEntry } from '../define';

export const sql: readonly RegistryEntry[] = [
  {
    name: 'pg',
    kind: 'database',
    spans: ['client'],
    title: 'pg (node-postgres, PostgreSQL)',
    packages: [
      {
        package: 'pg',
        versions: '>=8.0.0 <9.0.0',
        files: { client: ['lib/client.js', 'lib/native/client.js'] },
      },
      { package: 'pg-pool', versions: '>=3.0.0 <4.0.0', files: { pool: ['index.js'] } },
      { package: 'pg-cursor', versions: '>=2.0.0 <3.0.0', files: { cursor: ['index.js'] } },
    ],
    official: '@opentelemetry/instrumentation-pg',
    repeatedBy: ['auto.db.otel.postgres', 'auto.db.orchestrion.postgres'],
    load: () => require('../pg.cjs'),
  },
  {
    name: 'postgres',
    kind: 'database',
    spans: ['client'],
    title: 'postgres (PostgreSQL)',
    packages: [
      {
        package: 'postgres',
        versions: '>=3.0.0 <4.0.0',
        files: { connection: ['cjs/src/connection.js'], query: ['cjs/src/query.js'] },
        esm: { connection: ['src/connection.js'], query: ['src/query.js'] },
        bindings: { connection: ['Connection'], query: ['Query'] },
      },
    ],
    repeatedBy: ['auto.db.postgresjs'],
    load: () => require('../postgres.cjs'),
  },
  {
    name: 'mysql2',
    kind: 'database',
    spans: ['client'],
    title: 'mysql2 (MySQL, MariaDB)',
    packages: [
      {
        package: 'mysql2',
        versions: '>=3.0.0 <4.0.0',
        files: {
          connection: ['lib/connection.js', 'lib/base/connection.js'],
          pool: ['lib/pool.js', 'lib/base/pool.js'],
          cluster: ['lib/pool_cluster.js'],
          command: ['lib/commands/command.js'],
        },
      },
    ],
    // For bundles; of its channels this is the one that changes nothing for the app.
    channels: ['tracing:mysql2:pool:connect:start'],
    official: '@opentelemetry/instrumentation-mysql2',
    repeatedBy: ['auto.db.otel.mysql2', 'auto.db.orchestrion.mysql2', 'auto.db.mysql2.diagnostic_channel'],
    load: () => require('../mysql2.cjs'),
  },
  {
    name: 'mysql',
    kind: 'database',
    spans: ['client'],
    title: 'mysql (MySQL, MariaDB)',
    packages: [
      {
        package: 'mysql',
        versions: '>=2.17.0 <3.0.0',
        files: {
          connection: ['lib/Connection.js'],
          pool: ['lib/Pool.js'],
          namespace: ['lib/PoolNamespace.js'],
          cluster: ['lib/PoolCluster.js'],
          sequence: ['lib/protocol/sequences/Sequence.js'],
        },
      },
    ],
    official: '@opentelemetry/instrumentation-mysql',
    repeatedBy: ['auto.db.otel.mysql'],
    load: () => require('../mysql.cjs'),
  },
  {
    name: 'mariadb',
    kind: 'database',
    spans: ['client'],
    title: 'mariadb (MariaDB, MySQL)',
    packages: [
      {
        package: 'mariadb',
        versions: '>=3.1.0 <4.0.0',
        files: {
          connection: ['lib/connection.js'],
          pool: ['lib/pool.js'],
          // What 3.5.3 and later have for CommonJS.
          bundle: ['dist/promise.cjs', 'dist/callback.cjs'],
        },
        esm: { connection: ['lib/connection.js'], pool: ['lib/pool.js'] },
        bindings: { connection: ['Connection'], pool: ['Pool'] },
      },
    ],
    load: () => require('../mariadb.cjs'),
  },
  {
    name: 'tedious',
    kind: 'database',
    spans: ['client'],
    title: 'tedious, mssql (SQL Server)',
    packages: [
      {
        package: 'tedious',
        versions: '>=15.0.0 <21.0.0',
        files: { connection: ['lib/connection.js'], request: ['lib/request.js'] },
      },
      { package: 'mssql', versions: '>=9.0.0 <13.0.0', files: { pool: ['lib/tedious/connection-pool.js'] } },
    ],
    official: '@opentelemetry/instrumentation-tedious',
    repeatedBy: ['auto.db.otel.tedious'],
    load: () => require('../tedious.cjs'),
  },
  {
    name: 'node-sqlite',
    kind: 'database',
    spans: ['client'],
    title: 'node:sqlite (SQLite)',
    packages: [],
    builtins: { sqlite: 'node:sqlite' },
    load: () => require('../node-sqlite.cjs'),
  },
  {
    name: 'better-sqlite3',
    kind: 'database',
    spans: ['client'],
    title: 'better-sqlite3 (SQLite)',
    packages: [
      {
        package: 'better-sqlite3',
        versions: '>=9.0.0 <14.0.0',
        files: { database: ['lib/index.js'] },
      },
    ],
    load: () => require('../better-sqlite3.cjs'),
  },
  {
    name: 'sqlite3',
    kind: 'database',
    spans: ['client'],
    title: 'sqlite3 (SQLite)',
    packages: [
      // The methods of 5.0 cannot be replaced.
      { package: 'sqlite3', versions: '>=5.1.0 <7.0.0', files: { sqlite3: ['lib/sqlite3.js'] } },
    ],
    load: () => require('../sqlite3.cjs'),
  },
  {
    name: 'libsql',
    kind: 'database',
    spans: ['client'],
    title: '@libsql/client (libSQL, SQLite)',
    packages: [
      {
        package: '@libsql/client',
        versions: '>=0.5.0 <1.0.0',
        files: { client: ['lib-cjs/sqlite3.js', 'lib-cjs/http.js', 'lib-cjs/ws.js'] },
        esm: { client: ['lib-esm/sqlite3.js', 'lib-esm/http.js', 'lib-esm/ws.js'] },
        bindings: {
          client: [
            ...['createClient', '_createClient'],
            ...['Sqlite3Client', 'Sqlite3Transaction'],
            ...['HttpClient', 'HttpTransaction', 'WsClient', 'WsTransaction'],
          ],
        },
      },
    ],
    load: () => require('../libsql.cjs'),
  },
];
