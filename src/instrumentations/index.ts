/** The registry: one line per library. Adding one here, a file beside it and a fixture is all a new library takes. */
import { HAS_CLIENT_REQUEST_CREATED } from '../loader/node-features';
import type { RegistryEntry } from './define';

/** Tracer of the copy in @sentry/node 8 to 10. */
const SENTRY_HTTP = '@opentelemetry_sentry-patched/instrumentation-http';

export const registry: readonly RegistryEntry[] = [
  {
    name: 'http-server',
    group: 'http',
    kind: 'http-server',
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
    title: 'fetch, undici',
    // All spans come from the channel; these files are needed for the parents of queued and repeated requests.
    packages: [
      {
        package: 'undici',
        versions: '>=5.0.0 <9.0.0',
        files: ['lib/dispatcher/dispatcher-base.js', 'lib/dispatcher-base.js'],
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
    title: 'express',
    packages: [
      // Layers have had handle_request() and handle_error() since 4.8. Express 5 has but the first file: it is the
      // one that tells its version, its routers are the package below.
      {
        package: 'express',
        versions: '>=4.8.0 <6.0.0',
        files: ['lib/application.js', 'lib/router/index.js', 'lib/router/layer.js', 'lib/router/route.js'],
      },
      {
        package: 'router',
        versions: '>=2.0.0 <3.0.0',
        files: ['index.js', 'lib/layer.js', 'lib/route.js'],
      },
    ],
    load: () => require('./express.cjs'),
  },
  {
    name: 'fastify',
    kind: 'framework',
    title: 'fastify',
    packages: [
      {
        package: 'fastify',
        versions: '>=5.0.0 <6.0.0',
        files: ['lib/handleRequest.js', 'lib/handle-request.js', 'lib/reply.js', 'lib/error-handler.js'],
      },
    ],
    // For bundled apps, whose files nobody sees being loaded.
    channels: ['fastify.initialization'],
    load: () => require('./fastify.cjs'),
  },
  {
    name: 'nestjs-core',
    kind: 'framework',
    title: 'NestJS',
    packages: [
      { package: '@nestjs/core', versions: '>=10.0.0 <12.0.0', files: ['exceptions/exceptions-handler.js'] },
    ],
    load: () => require('./nestjs-core.cjs'),
  },
  {
    name: 'next',
    kind: 'framework',
    title: 'Next.js',
    packages: [
      {
        package: 'next',
        versions: '>=15.0.0 <17.0.0',
        files: [
          'dist/server/base-server.js',
          'dist/server/lib/router-utils/instrumentation-globals.external.js',
        ],
      },
    ],
    serverSpanScope: 'next.js',
    load: () => require('./next.cjs'),
  },
  {
    name: 'pg',
    kind: 'database',
    title: 'pg (PostgreSQL)',
    packages: [
      { package: 'pg', versions: '>=8.0.0 <9.0.0', files: ['lib/client.js', 'lib/native/client.js'] },
      { package: 'pg-pool', versions: '>=3.0.0 <4.0.0', files: ['index.js'] },
      { package: 'pg-cursor', versions: '>=2.0.0 <3.0.0', files: ['index.js'] },
    ],
    official: '@opentelemetry/instrumentation-pg',
    repeatedBy: ['auto.db.otel.postgres', 'auto.db.orchestrion.postgres'],
    load: () => require('./pg.cjs'),
  },
  {
    name: 'mysql2',
    kind: 'database',
    title: 'mysql2 (MySQL, MariaDB)',
    packages: [
      {
        package: 'mysql2',
        versions: '>=3.0.0 <4.0.0',
        files: [
          'lib/connection.js',
          'lib/base/connection.js',
          'lib/pool.js',
          'lib/base/pool.js',
          'lib/commands/command.js',
        ],
      },
    ],
    // For bundles; of its channels this is the one that changes nothing for the app.
    channels: ['tracing:mysql2:pool:connect:start'],
    official: '@opentelemetry/instrumentation-mysql2',
    repeatedBy: ['auto.db.otel.mysql2', 'auto.db.orchestrion.mysql2', 'auto.db.mysql2.diagnostic_channel'],
    load: () => require('./mysql2.cjs'),
  },
  {
    name: 'ioredis',
    kind: 'database',
    title: 'ioredis (Redis)',
    packages: [
      {
        package: 'ioredis',
        versions: '>=5.0.0 <7.0.0',
        files: [
          'built/Redis.js',
          'built/Pipeline.js',
          'built/autoPipelining.js',
          'built/redis/event_handler.js',
          'built/cluster/index.js',
          'built/cluster/ClusterSubscriber.js',
          'built/connectors/SentinelConnector/index.js',
        ],
      },
    ],
    official: '@opentelemetry/instrumentation-ioredis',
    repeatedBy: ['auto.db.otel.redis', 'auto.db.orchestrion.redis', 'auto.db.redis.diagnostic_channel'],
    load: () => require('./ioredis.cjs'),
  },
  {
    name: 'bluebird',
    kind: 'context',
    title: 'bluebird',
    packages: [
      {
        package: 'bluebird',
        versions: '>=2.0.0 <4.0.0',
        files: [
          'js/main/async.js',
          'js/main/promise.js',
          'js/main/bluebird.js',
          'js/release/async.js',
          'js/release/promise.js',
          'js/release/bluebird.js',
        ],
      },
    ],
    load: () => require('./bluebird.cjs'),
  },
];
