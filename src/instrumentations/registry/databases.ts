/** Drivers of databases: a span for each statement or command. */
import type { RegistryEntry } from '../define';

/** Clients of Redis in @sentry/node, which have one name. */
const SENTRY_REDIS = ['auto.db.otel.redis', 'auto.db.orchestrion.redis', 'auto.db.redis.diagnostic_channel'];

const REDIS_4 = {
  commander4: ['dist/lib/commander.js'],
  queue4: ['dist/lib/client/commands-queue.js'],
  client4: ['dist/lib/client/index.js'],
};

export const databases: readonly RegistryEntry[] = [
  {
    name: 'pg',
    kind: 'database',
    spans: ['client'],
    title: 'pg (PostgreSQL)',
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
  {
    name: 'ioredis',
    kind: 'database',
    spans: ['client'],
    title: 'ioredis (Redis)',
    packages: [
      {
        package: 'ioredis',
        versions: '>=5.0.0 <7.0.0',
        files: {
          client: ['built/Redis.js'],
          pipeline: ['built/Pipeline.js'],
          autoPipelining: ['built/autoPipelining.js'],
          eventHandler: ['built/redis/event_handler.js'],
          cluster: ['built/cluster/index.js'],
          clusterSubscriber: ['built/cluster/ClusterSubscriber.js'],
          sentinelConnector: ['built/connectors/SentinelConnector/index.js'],
        },
      },
    ],
    official: '@opentelemetry/instrumentation-ioredis',
    repeatedBy: SENTRY_REDIS,
    load: () => require('../ioredis.cjs'),
  },
  {
    name: 'redis',
    kind: 'database',
    spans: ['client'],
    title: 'redis (Redis, @redis/client)',
    packages: [
      // What `redis` 4.0 is made of, what 4.1 to 4.7 are, and what 5 and 6 are.
      { package: '@node-redis/client', versions: '>=1.0.0 <2.0.0', files: REDIS_4 },
      { package: '@redis/client', versions: '>=1.0.0 <2.0.0', files: REDIS_4 },
      {
        package: '@redis/client',
        versions: '>=5.0.0 <7.0.0',
        files: { client: ['dist/lib/client/index.js'], pool: ['dist/lib/client/pool.js'] },
      },
    ],
    official: '@opentelemetry/instrumentation-redis',
    repeatedBy: SENTRY_REDIS,
    load: () => require('../redis.cjs'),
  },
  {
    name: 'mongodb',
    kind: 'database',
    spans: ['client'],
    title: 'mongodb (MongoDB)',
    packages: [
      {
        package: 'mongodb',
        versions: '>=5.0.0 <8.0.0',
        files: {
          operation: ['lib/operations/execute_operation.js'],
          connection: ['lib/cmap/connection.js'],
          pool: ['lib/cmap/connection_pool.js'],
          topology: ['lib/sdam/topology.js'],
          monitor: ['lib/sdam/monitor.js'],
          session: ['lib/sessions.js'],
        },
      },
    ],
    official: '@opentelemetry/instrumentation-mongodb',
    repeatedBy: ['auto.db.otel.mongo'],
    load: () => require('../mongodb.cjs'),
  },
];
