/** The registry: one line per library. Adding one here, a file beside it and a fixture is all a new library takes. */
import { HAS_CLIENT_REQUEST_CREATED } from '../loader/node-features';
import type { PartNames, RegistryEntry } from './define';

/** Tracer of the copy in @sentry/node 8 to 10. */
const SENTRY_HTTP = '@opentelemetry_sentry-patched/instrumentation-http';

/** Its clients of Redis, which have one name. */
const SENTRY_REDIS = ['auto.db.otel.redis', 'auto.db.orchestrion.redis', 'auto.db.redis.diagnostic_channel'];

const REDIS_4 = {
  commander4: ['dist/lib/commander.js'],
  queue4: ['dist/lib/client/commands-queue.js'],
  client4: ['dist/lib/client/index.js'],
};

/** The builders and sessions of drizzle-orm: a set for each kind of database; since 1.0 those that return promises are apart. */
const DRIZZLE_DATABASES = ['pg', 'mysql', 'sqlite', 'singlestore', 'gel', 'cockroach', 'mssql'];
const DRIZZLE_CLASSES = ['Pg', 'MySql', 'SQLite', 'SingleStore', 'Gel', 'Cockroach', 'MsSql'].flatMap(
  (name) => [name, `${name}Async`],
);
const DRIZZLE_BUILDERS = [
  'SelectBase',
  'InsertBase',
  'UpdateBase',
  'DeleteBase',
  'RelationalQuery',
  'CountBuilder',
];

function drizzleFiles(extension: string): PartNames {
  const files = (path: string): string[] =>
    DRIZZLE_DATABASES.map((database) => `${database}-core/${path}.${extension}`);
  const builders = ['select', 'insert', 'update', 'delete', 'query', 'count'];
  return {
    builder: builders.flatMap((name) => [...files(`query-builders/${name}`), ...files(`async/${name}`)]),
    session: [...files('session'), ...files('async/session')],
  };
}

export const registry: readonly RegistryEntry[] = [
  {
    name: 'http-server',
    group: 'http',
    kind: 'http-server',
    spans: ['server'],
    title: 'node:http, node:https (server)',
    packages: [],
    // A connection comes before its first request; the second channel is for sockets handed in by hand.
    channels: ['net.server.socket', 'http.server.request.start'],
    official: '@opentelemetry/instrumentation-http',
    repeatedBy: [SENTRY_HTTP, 'auto.http.otel.http', 'auto.http.server'],
    load: () => require('./http-server.cjs'),
  },
  {
    name: 'http-client',
    group: 'http',
    kind: 'http-client',
    spans: ['client'],
    title: 'node:http, node:https (client)',
    packages: [],
    channels: HAS_CLIENT_REQUEST_CREATED ? ['http.client.request.created'] : [],
    methods: HAS_CLIENT_REQUEST_CREATED
      ? []
      : [
          { builtin: 'node:http', path: ['Agent', 'prototype'], method: 'addRequest' },
          { builtin: 'node:http', path: ['ClientRequest', 'prototype'], method: '_storeHeader' },
        ],
    official: '@opentelemetry/instrumentation-http',
    repeatedBy: [SENTRY_HTTP, 'auto.http.otel.http', 'auto.http.client'],
    load: () => require('./http-client.cjs'),
  },
  {
    name: 'undici',
    kind: 'http-client',
    spans: ['client'],
    title: 'fetch, undici',
    // All spans come from the channel; these files are needed for the parents of queued and repeated requests.
    packages: [
      {
        package: 'undici',
        versions: '>=5.0.0 <9.0.0',
        files: { dispatcher: ['lib/dispatcher/dispatcher-base.js', 'lib/dispatcher-base.js'] },
      },
    ],
    channels: ['undici:request:create'],
    official: '@opentelemetry/instrumentation-undici',
    repeatedBy: ['auto.http.otel.node_fetch'],
    load: () => require('./undici.cjs'),
  },
  {
    name: 'express',
    kind: 'framework',
    spans: [],
    title: 'express',
    packages: [
      // Layers have had handle_request() and handle_error() since 4.8. Express 5 has only the first file. It tells the
      // version, and its routers are the package below.
      {
        package: 'express',
        versions: '>=4.8.0 <6.0.0',
        files: {
          application: ['lib/application.js'],
          expressRouter: ['lib/router/index.js'],
          layer: ['lib/router/layer.js'],
          route: ['lib/router/route.js'],
        },
      },
      {
        package: 'router',
        versions: '>=2.0.0 <3.0.0',
        files: { router: ['index.js'], layer: ['lib/layer.js'], route: ['lib/route.js'] },
      },
    ],
    load: () => require('./express.cjs'),
  },
  {
    name: 'fastify',
    kind: 'framework',
    spans: [],
    title: 'fastify',
    packages: [
      {
        package: 'fastify',
        versions: '>=5.0.0 <6.0.0',
        files: {
          handleRequest: ['lib/handleRequest.js', 'lib/handle-request.js'],
          reply: ['lib/reply.js'],
          errorHandler: ['lib/error-handler.js'],
        },
      },
    ],
    // For bundled apps, whose files nobody sees being loaded.
    channels: ['fastify.initialization'],
    load: () => require('./fastify.cjs'),
  },
  {
    name: 'koa',
    kind: 'framework',
    spans: [],
    title: 'koa',
    packages: [
      {
        package: 'koa',
        versions: '>=2.0.0 <4.0.0',
        files: { application: ['lib/application.js'], context: ['lib/context.js'] },
      },
    ],
    load: () => require('./koa.cjs'),
  },
  {
    name: 'nestjs-core',
    kind: 'framework',
    spans: [],
    title: 'NestJS',
    packages: [
      {
        package: '@nestjs/core',
        versions: '>=10.0.0 <12.0.0',
        files: { exceptionsHandler: ['exceptions/exceptions-handler.js'] },
      },
    ],
    load: () => require('./nestjs-core.cjs'),
  },
  {
    name: 'next',
    kind: 'framework',
    spans: [],
    title: 'Next.js',
    packages: [
      {
        package: 'next',
        versions: '>=15.0.0 <17.0.0',
        files: {
          server: ['dist/server/base-server.js'],
          globals: ['dist/server/lib/router-utils/instrumentation-globals.external.js'],
        },
      },
    ],
    serverSpanScope: 'next.js',
    load: () => require('./next.cjs'),
  },
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
    load: () => require('./pg.cjs'),
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
    load: () => require('./postgres.cjs'),
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
    load: () => require('./mysql2.cjs'),
  },
  {
    name: 'node-sqlite',
    kind: 'database',
    spans: ['client'],
    title: 'node:sqlite (SQLite)',
    packages: [],
    builtins: { sqlite: 'node:sqlite' },
    load: () => require('./node-sqlite.cjs'),
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
    load: () => require('./better-sqlite3.cjs'),
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
    load: () => require('./sqlite3.cjs'),
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
    load: () => require('./libsql.cjs'),
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
    load: () => require('./mysql.cjs'),
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
    load: () => require('./mariadb.cjs'),
  },
  {
    name: 'ioredis',
    kind: 'database',
    spans: ['client'],
    title: 'ioredis (Redis)',
    packages: [
      {
        package: 'ioredis',
        versions: '>=4.17.0 <7.0.0',
        files: {
          client: ['built/Redis.js', 'built/redis/index.js'],
          pipeline: ['built/Pipeline.js', 'built/pipeline.js'],
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
    load: () => require('./ioredis.cjs'),
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
    load: () => require('./redis.cjs'),
  },
  {
    name: 'sequelize',
    group: 'models',
    kind: 'model',
    spans: ['internal'],
    title: 'Sequelize',
    packages: [{ package: 'sequelize', versions: '>=6.0.0 <7.0.0', files: { model: ['lib/model.js'] } }],
    load: () => require('./sequelize.cjs'),
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
    load: () => require('./mongodb.cjs'),
  },
  {
    name: 'mongoose',
    kind: 'context',
    spans: [],
    title: 'mongoose',
    packages: [
      {
        package: 'mongoose',
        versions: '>=7.0.0 <10.0.0',
        files: {
          collection: ['lib/collection.js'],
          cursor: [
            'lib/cursor/queryCursor.js',
            'lib/cursor/QueryCursor.js',
            'lib/cursor/aggregationCursor.js',
            'lib/cursor/AggregationCursor.js',
          ],
        },
      },
    ],
    load: () => require('./mongoose.cjs'),
  },
  {
    name: 'drizzle-orm',
    group: 'models',
    kind: 'model',
    spans: ['internal'],
    title: 'Drizzle (drizzle-orm)',
    packages: [
      {
        package: 'drizzle-orm',
        versions: '>=0.30.0 <2.0.0',
        files: drizzleFiles('cjs'),
        esm: drizzleFiles('js'),
        bindings: {
          builder: DRIZZLE_CLASSES.flatMap((name) => DRIZZLE_BUILDERS.map((builder) => name + builder)),
          session: DRIZZLE_CLASSES.flatMap((name) => [`${name}PreparedQuery`, `${name}Session`]),
        },
      },
    ],
    load: () => require('./drizzle-orm.cjs'),
  },
  {
    name: 'typeorm',
    group: 'models',
    kind: 'model',
    spans: ['internal'],
    title: 'TypeORM',
    packages: [
      {
        package: 'typeorm',
        versions: '>=0.3.0 <2.0.0',
        files: {
          manager: ['entity-manager/EntityManager.js'],
          builder: [
            'query-builder/SelectQueryBuilder.js',
            'query-builder/InsertQueryBuilder.js',
            'query-builder/UpdateQueryBuilder.js',
            'query-builder/DeleteQueryBuilder.js',
            'query-builder/SoftDeleteQueryBuilder.js',
            'query-builder/RelationQueryBuilder.js',
          ],
          tree: ['repository/TreeRepository.js'],
        },
      },
    ],
    load: () => require('./typeorm.cjs'),
  },
  {
    name: 'objection',
    group: 'models',
    kind: 'model',
    spans: ['internal'],
    title: 'Objection.js',
    packages: [
      {
        package: 'objection',
        versions: '>=3.0.0 <4.0.0',
        files: { builder: ['lib/queryBuilder/QueryBuilder.js'] },
      },
    ],
    load: () => require('./objection.cjs'),
  },
  {
    name: 'kysely',
    group: 'models',
    kind: 'model',
    spans: ['internal'],
    title: 'Kysely',
    packages: [
      // Since 0.29 it is ES modules only.
      {
        package: 'kysely',
        versions: '>=0.27.0 <0.30.0',
        files: { executor: ['dist/cjs/query-executor/query-executor-base.js'] },
        esm: {
          executor: [
            'dist/esm/query-executor/query-executor-base.js',
            'dist/query-executor/query-executor-base.js',
          ],
        },
        bindings: { executor: ['QueryExecutorBase'] },
      },
    ],
    load: () => require('./kysely.cjs'),
  },
  {
    name: 'knex',
    group: 'models',
    kind: 'model',
    spans: ['internal'],
    title: 'Knex',
    packages: [
      {
        package: 'knex',
        versions: '>=2.0.0 <4.0.0',
        files: { runner: ['lib/execution/runner.js'], batchInsert: ['lib/execution/batch-insert.js'] },
      },
    ],
    load: () => require('./knex.cjs'),
  },
  {
    name: 'mikro-orm',
    group: 'models',
    kind: 'model',
    spans: ['internal'],
    title: 'MikroORM',
    packages: [
      {
        package: '@mikro-orm/core',
        versions: '>=6.0.0 <7.0.0',
        files: { manager: ['EntityManager.js'], unitOfWork: ['unit-of-work/UnitOfWork.js'] },
      },
      {
        package: '@mikro-orm/knex',
        versions: '>=6.0.0 <7.0.0',
        files: { builder: ['query/QueryBuilder.js'] },
      },
      {
        package: '@mikro-orm/core',
        versions: '>=7.0.0 <8.0.0',
        files: {},
        esm: { manager: ['EntityManager.js'], unitOfWork: ['unit-of-work/UnitOfWork.js'] },
        bindings: { manager: ['EntityManager'], unitOfWork: ['UnitOfWork'] },
      },
      {
        package: '@mikro-orm/sql',
        versions: '>=7.0.0 <8.0.0',
        files: {},
        esm: { builder: ['query/QueryBuilder.js'] },
        bindings: { builder: ['QueryBuilder'] },
      },
    ],
    load: () => require('./mikro-orm.cjs'),
  },
  {
    name: 'prisma',
    group: 'models',
    kind: 'model',
    spans: ['internal'],
    title: 'Prisma',
    packages: [
      {
        package: '@prisma/client',
        versions: '>=6.0.0 <8.0.0',
        // One for each kind of engine. Node gives them to ES modules, too.
        files: { runtime: ['runtime/client.js', 'runtime/library.js', 'runtime/binary.js'] },
      },
    ],
    load: () => require('./prisma.cjs'),
  },
  {
    name: 'memcached',
    kind: 'database',
    spans: ['client'],
    title: 'memcached',
    packages: [
      { package: 'memcached', versions: '>=2.2.0 <3.0.0', files: { client: ['lib/memcached.js'] } },
      { package: 'jackpot', versions: '>=0.0.6 <1.0.0', files: { pool: ['index.js'] } },
    ],
    official: '@opentelemetry/instrumentation-memcached',
    load: () => require('./memcached.cjs'),
  },
  {
    name: 'memjs',
    kind: 'database',
    spans: ['client'],
    title: 'memjs (memcached)',
    packages: [
      {
        package: 'memjs',
        versions: '>=1.2.0 <2.0.0',
        files: {
          client: ['lib/memjs/memjs.js'],
          server: ['lib/memjs/server.js'],
          protocol: ['lib/memjs/protocol.js'],
        },
      },
    ],
    load: () => require('./memjs.cjs'),
  },
  {
    name: 'bluebird',
    kind: 'context',
    spans: [],
    title: 'bluebird',
    packages: [
      {
        package: 'bluebird',
        versions: '>=2.0.0 <4.0.0',
        files: {
          async: ['js/main/async.js', 'js/release/async.js'],
          promise: ['js/main/promise.js', 'js/release/promise.js'],
          bluebird: ['js/main/bluebird.js', 'js/release/bluebird.js'],
        },
      },
    ],
    load: () => require('./bluebird.cjs'),
  },
];
