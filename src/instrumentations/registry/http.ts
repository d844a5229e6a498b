/** Requests that come in, and those that go out. */
import { HAS_CLIENT_REQUEST_CREATED } from '../../loader/node-features';
import type { RegistryEntry } from '../define';

/** Tracer of the copy in @sentry/node 8 to 10. */
const SENTRY_HTTP = '@opentelemetry_sentry-patched/instrumentation-http';

export const http: readonly RegistryEntry[] = [
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
    load: () => require('../http-server.cjs'),
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
    load: () => require('../http-client.cjs'),
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
    load: () => require('../undici.cjs'),
  },
];
