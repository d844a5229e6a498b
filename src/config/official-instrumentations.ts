/**
 * The names that OTEL_NODE_ENABLED_INSTRUMENTATIONS and OTEL_NODE_DISABLED_INSTRUMENTATIONS may hold: a package
 * `@opentelemetry/instrumentation-<name>` each. Only for telling such a name from a mistyped one; what is traced here is
 * in the registry.
 * Source: dependencies of @opentelemetry/auto-instrumentations-node 0.50 (which had fastify and redis-4) to 0.82.
 */
const NAMES = new Set(
  (
    'amqplib aws-lambda aws-sdk bunyan cassandra-driver connect cucumber dataloader dns express fastify fs ' +
    'generic-pool graphql grpc hapi host-metrics http ioredis kafkajs knex koa lru-memoizer memcached mongodb ' +
    'mongoose mysql mysql2 nestjs-core net openai oracledb pg pino redis redis-4 restify router runtime-node ' +
    'socket.io tedious undici winston'
  ).split(' '),
);

export function isOfficialInstrumentation(name: string): boolean {
  return NAMES.has(name);
}
