/** Frameworks, which know the route, the error and the user of a request. */
import type { RegistryEntry } from '../define';

export const frameworks: readonly RegistryEntry[] = [
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
    load: () => require('../express.cjs'),
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
    load: () => require('../fastify.cjs'),
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
    load: () => require('../koa.cjs'),
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
    load: () => require('../nestjs-core.cjs'),
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
    load: () => require('../next.cjs'),
  },
];
