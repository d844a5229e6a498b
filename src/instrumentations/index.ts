/** The registry: one line per library. Adding one here, a file beside it and a fixture is all a new library takes. */
import { HAS_CLIENT_REQUEST_CREATED } from '../loader/node-features';
import type { RegistryEntry } from './define';

export const registry: readonly RegistryEntry[] = [
  {
    name: 'http-server',
    kind: 'http-server',
    title: 'node:http, node:https (server)',
    packages: [],
    // A connection comes before its first request; the second channel is for sockets handed in by hand.
    channels: ['net.server.socket', 'http.server.request.start'],
    load: () => require('./instrumentations/http-server.cjs'),
  },
  {
    name: 'http-client',
    kind: 'http-client',
    title: 'node:http, node:https (client)',
    packages: [],
    channels: HAS_CLIENT_REQUEST_CREATED ? ['http.client.request.created'] : [],
    methods: HAS_CLIENT_REQUEST_CREATED
      ? []
      : [{ builtin: 'node:http', path: ['Agent', 'prototype'], method: 'addRequest' },
         { builtin: 'node:http', path: ['ClientRequest', 'prototype'], method: '_storeHeader' }],
    load: () => require('./instrumentations/http-client.cjs'),
  },
  {
    name: 'undici',
    kind: 'http-client',
    title: 'fetch, undici',
    packages: [],
    channels: ['undici:request:create'],
    load: () => require('./instrumentations/undici.cjs'),
  },
  {
    name: 'express',
    kind: 'framework',
    title: 'express',
    packages: [
      { package: 'express', versions: '>=4.0.0 <6.0.0', files: ['lib/application.js', 'lib/router/index.js', 'lib/router/layer.js', 'lib/router/route.js'] },
      { package: 'router', versions: '>=2.0.0 <3.0.0', files: ['index.js', 'lib/layer.js', 'lib/route.js'] },
    ],
    load: () => require('./instrumentations/express.cjs'),
  },
  {
    name: 'fastify',
    kind: 'framework',
    title: 'fastify',
    packages: [{ package: 'fastify', versions: '>=5.0.0 <6.0.0', files: ['fastify.js'] }],
    channels: ['fastify.initialization'],
    load: () => require('./instrumentations/fastify.cjs'),
  },
  {
    name: 'pg',
    kind: 'database',
    title: 'pg',
    packages: [
      { package: 'pg', versions: '>=8.0.0 <9.0.0', files: ['lib/client.js', 'lib/native/client.js'] },
      { package: 'pg-pool', versions: '>=3.0.0 <4.0.0', files: ['index.js'] },
    ],
    load: () => require('./instrumentations/pg.cjs'),
  },
  {
    name: 'mysql2',
    kind: 'database',
    title: 'mysql2',
    packages: [
      { package: 'mysql2', versions: '>=3.0.0 <4.0.0', files: ['lib/connection.js', 'lib/base/connection.js', 'lib/pool.js', 'lib/base/pool.js'] },
    ],
    load: () => require('./instrumentations/mysql2.cjs'),
  },
  {
    name: 'ioredis',
    kind: 'database',
    title: 'ioredis',
    packages: [{ package: 'ioredis', versions: '>=5.0.0 <6.0.0', files: ['built/Redis.js', 'built/redis/index.js'] }],
    load: () => require('./instrumentations/ioredis.cjs'),
  },
];
