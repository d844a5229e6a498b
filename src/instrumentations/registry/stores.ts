/** Drivers of databases and caches without SQL: a span for each command. */
import type { RegistryEntry } from '../define';

/** Clients of Redis in @sentry/node, which have one name. */
const SENTRY_REDIS = ['auto.db.otel.redis', 'auto.db.orchestrion.redis', 'auto.db.redis.diagnostic_channel'];

const REDIS_4 = {
  commander4: ['dist/lib/commander.js'],
  queue4: ['dist/lib/client/commands-queue.js'],
  client4: ['dist/lib/client/index.js'],
  clusterSlots: ['dist/lib/cluster/cluster-slots.js'],
};

export const stores: readonly RegistryEntry[] = [
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
        files: {
          client: ['dist/lib/client/index.js'],
          pool: ['dist/lib/client/pool.js'],
          clusterSlots: ['dist/lib/cluster/cluster-slots.js'],
        },
      },
    ],
    official: '@opentelemetry/instrumentation-redis',
    repeatedBy: SENTRY_REDIS,
    load: () => require('../redis.cjs'),
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
    load: () => require('../memcached.cjs'),
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
    load: () => require('../memjs.cjs'),
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
  {
    name: 'elasticsearch',
    kind: 'database',
    spans: ['client'],
    title: '@elastic/elasticsearch (Elasticsearch)',
    packages: [
      {
        package: '@elastic/transport',
        versions: '>=8.0.0 <10.0.0',
        files: { transport: ['lib/Transport.js'], pool: ['lib/pool/ClusterConnectionPool.js'] },
        esm: { transport: ['esm/Transport.js'], pool: ['esm/pool/ClusterConnectionPool.js'] },
        bindings: { transport: ['Transport'], pool: ['ClusterConnectionPool'] },
      },
      {
        package: '@elastic/elasticsearch',
        versions: '>=8.0.0 <10.0.0',
        files: { sniffing: ['lib/sniffingTransport.js'] },
        esm: { sniffing: ['esm/sniffingTransport.js'] },
        bindings: { sniffing: ['SniffingTransport'] },
      },
    ],
    ownScope: '@elastic/transport',
    load: () => require('../elasticsearch.cjs'),
  },
  {
    name: 'opensearch',
    kind: 'database',
    spans: ['client'],
    title: '@opensearch-project/opensearch (OpenSearch)',
    packages: [
      {
        package: '@opensearch-project/opensearch',
        versions: '>=2.0.0 <4.0.0',
        files: { transport: ['lib/Transport.js'], connection: ['lib/Connection.js'] },
      },
    ],
    load: () => require('../opensearch.cjs'),
  },
  {
    name: 'cassandra-driver',
    kind: 'database',
    spans: ['client'],
    title: 'cassandra-driver (Cassandra)',
    packages: [
      {
        package: 'cassandra-driver',
        // Before 4.4 everything in it was called back, and no method was the one that all requests pass.
        versions: '>=4.4.0 <5.0.0',
        files: {
          client: ['lib/client.js'],
          request: ['lib/request-handler.js'],
          connection: ['lib/connection.js'],
        },
      },
    ],
    official: '@opentelemetry/instrumentation-cassandra-driver',
    load: () => require('../cassandra-driver.cjs'),
  },
];
