import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codes, loadFrom, otlpDestination } from './loading';

const BASE = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const TRACES = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';
const LEGACY = 'OTLP_ENDPOINT';

/** [variable, value, protocol setting, protocol used, URL used, problems] */
type Row = [string, string, string | undefined, string, string, string[]];

const http = 'http/protobuf';
const ROWS: Row[] = [
  // The base endpoint gets /v1/traces appended exactly once.
  [BASE, 'http://localhost:4318', undefined, http, 'http://localhost:4318/v1/traces', []],
  [BASE, 'http://localhost:4318/', undefined, http, 'http://localhost:4318/v1/traces', []],
  [BASE, 'http://localhost:4318///', undefined, http, 'http://localhost:4318/v1/traces', []],
  [BASE, 'HTTP://LOCALHOST:4318', undefined, http, 'http://localhost:4318/v1/traces', []],
  [BASE, 'https://api.example.com', undefined, http, 'https://api.example.com/v1/traces', []],
  [BASE, 'https://api.example.com:443', undefined, http, 'https://api.example.com/v1/traces', []],
  [
    BASE,
    'https://api.example.com:8443/otlp',
    undefined,
    http,
    'https://api.example.com:8443/otlp/v1/traces',
    [],
  ],
  [BASE, 'https://api.example.com/otlp/', undefined, http, 'https://api.example.com/otlp/v1/traces', []],
  [
    BASE,
    'https://api.example.com/otlp?tenant=a',
    undefined,
    http,
    'https://api.example.com/otlp/v1/traces?tenant=a',
    [],
  ],
  [
    BASE,
    'http://localhost:4318/v1/traces',
    undefined,
    http,
    'http://localhost:4318/v1/traces',
    ['ENDPOINT_PATH_DOUBLED'],
  ],
  [
    BASE,
    'http://localhost:4318/v1/traces/',
    undefined,
    http,
    'http://localhost:4318/v1/traces',
    ['ENDPOINT_PATH_DOUBLED'],
  ],
  [BASE, 'http://localhost:4318', 'http/json', 'http/json', 'http://localhost:4318/v1/traces', []],
  [BASE, 'http://localhost:4318#fragment', undefined, http, 'http://localhost:4318/v1/traces', []],
  // IPv6
  [BASE, 'http://[::1]:4318', undefined, http, 'http://[::1]:4318/v1/traces', []],
  [BASE, '[::1]:4318', undefined, http, 'http://[::1]:4318/v1/traces', ['ENDPOINT_NO_SCHEME']],
  [BASE, '::1', undefined, http, 'http://[::1]:4318/v1/traces', ['ENDPOINT_NO_SCHEME']],
  [BASE, 'http://[::1]:4317', 'grpc', 'grpc', 'http://[::1]:4317', []],
  // Without a port
  [BASE, 'http://collector', undefined, http, 'http://collector/v1/traces', ['ENDPOINT_NO_PORT']],
  [BASE, 'http://collector:80', undefined, http, 'http://collector/v1/traces', []],
  [BASE, 'https://collector', 'grpc', 'grpc', 'https://collector:443', []],
  [BASE, 'http://collector', 'grpc', 'grpc', 'http://collector:80', ['ENDPOINT_NO_PORT']],
  [BASE, 'grpc://collector', undefined, 'grpc', 'http://collector:4317', []],
  [BASE, 'grpcs://collector', undefined, 'grpc', 'https://collector:443', []],
  // 4317 is gRPC
  [BASE, 'http://localhost:4317', undefined, 'grpc', 'http://localhost:4317', ['ENDPOINT_GRPC_ASSUMED']],
  [
    BASE,
    'http://localhost:4317/v1/traces',
    undefined,
    'grpc',
    'http://localhost:4317',
    ['ENDPOINT_GRPC_ASSUMED'],
  ],
  [BASE, 'https://collector:4317', 'grpc', 'grpc', 'https://collector:4317', []],
  [BASE, 'grpc://localhost:4317', undefined, 'grpc', 'http://localhost:4317', []],
  [BASE, 'grpcs://collector:4317', undefined, 'grpc', 'https://collector:4317', []],
  [BASE, 'http://localhost:4317', http, http, 'http://localhost:4317/v1/traces', ['ENDPOINT_GRPC_PORT']],
  [
    BASE,
    'http://localhost:4317',
    'http/json',
    'http/json',
    'http://localhost:4317/v1/traces',
    ['ENDPOINT_GRPC_PORT'],
  ],
  [BASE, 'http://localhost:4318', 'grpc', 'grpc', 'http://localhost:4318', ['ENDPOINT_HTTP_PORT']],
  [BASE, 'grpc://localhost:4318', undefined, 'grpc', 'http://localhost:4318', ['ENDPOINT_HTTP_PORT']],
  [BASE, 'grpc://localhost:4317', http, 'grpc', 'http://localhost:4317', ['ENDPOINT_PROTOCOL_CONFLICT']],
  [
    BASE,
    'https://collector:4317/prefix',
    'grpc',
    'grpc',
    'https://collector:4317',
    ['ENDPOINT_PATH_IGNORED'],
  ],
  // Without a scheme
  [BASE, 'localhost:4318', undefined, http, 'http://localhost:4318/v1/traces', ['ENDPOINT_NO_SCHEME']],
  [BASE, 'localhost', undefined, http, 'http://localhost:4318/v1/traces', ['ENDPOINT_NO_SCHEME']],
  [BASE, 'api.example.com:443', undefined, http, 'https://api.example.com/v1/traces', ['ENDPOINT_NO_SCHEME']],
  [BASE, 'collector:4317', 'grpc', 'grpc', 'http://collector:4317', ['ENDPOINT_NO_SCHEME']],
  // Ports that speak something else
  [
    BASE,
    'http://localhost:16686',
    undefined,
    http,
    'http://localhost:16686/v1/traces',
    ['ENDPOINT_PORT_SUSPECT'],
  ],
  [
    TRACES,
    'http://localhost:14268/api/traces',
    undefined,
    http,
    'http://localhost:14268/api/traces',
    ['ENDPOINT_PORT_SUSPECT'],
  ],
  // The traces endpoint is used as it is.
  [TRACES, 'http://localhost:4318/v1/traces', undefined, http, 'http://localhost:4318/v1/traces', []],
  [TRACES, 'http://localhost:4318/custom/', undefined, http, 'http://localhost:4318/custom/', []],
  [TRACES, 'https://api.example.com/otlp?a=b', undefined, http, 'https://api.example.com/otlp?a=b', []],
  [TRACES, 'http://localhost:4318', undefined, http, 'http://localhost:4318/', ['ENDPOINT_NO_PATH']],
  [TRACES, 'http://localhost:4318/', undefined, http, 'http://localhost:4318/', ['ENDPOINT_NO_PATH']],
  [TRACES, 'http://localhost:4317', undefined, 'grpc', 'http://localhost:4317', ['ENDPOINT_GRPC_ASSUMED']],
  // OTLP_ENDPOINT was gRPC, and says nothing of what it always did.
  [LEGACY, 'https://host:4317', undefined, 'grpc', 'https://host:4317', []],
  [LEGACY, 'http://host:4317', undefined, 'grpc', 'http://host:4317', []],
  [LEGACY, 'https://host:4317/', undefined, 'grpc', 'https://host:4317', []],
  [LEGACY, 'https://host', undefined, 'grpc', 'https://host:4317', []],
  [LEGACY, 'host:4317', undefined, 'grpc', 'http://host:4317', []],
  [LEGACY, 'host', undefined, 'grpc', 'http://host:4317', []],
  [LEGACY, 'grpc://host', undefined, 'grpc', 'http://host:4317', []],
  [LEGACY, 'grpcs://host:9000', undefined, 'grpc', 'https://host:9000', []],
  [LEGACY, 'http://host:9000', undefined, 'grpc', 'http://host:9000', []],
  [LEGACY, '[::1]:4317', undefined, 'grpc', 'http://[::1]:4317', []],
  [LEGACY, 'http://host:4318', undefined, http, 'http://host:4318/v1/traces', []],
  [LEGACY, 'http://host:4318/', undefined, http, 'http://host:4318/v1/traces', []],
  [LEGACY, 'host:4318', undefined, http, 'http://host:4318/v1/traces', []],
  [LEGACY, 'http://host:4318/custom', undefined, http, 'http://host:4318/custom', []],
  [LEGACY, 'https://host/v1/traces', undefined, http, 'https://host/v1/traces', []],
  [LEGACY, 'http://host:9000', http, http, 'http://host:9000/v1/traces', []],
  [LEGACY, 'http://host:4317', http, http, 'http://host:4317/v1/traces', ['ENDPOINT_GRPC_PORT']],
];

describe('an endpoint ends up at the URL its variable promises', () => {
  for (const [variable, value, protocol, usedProtocol, usedUrl, expected] of ROWS) {
    it(`${variable}=${value}${protocol ? ` with ${protocol}` : ''} -> ${usedProtocol} ${usedUrl}`, () => {
      const loaded = loadFrom({ [variable]: value, OTEL_EXPORTER_OTLP_PROTOCOL: protocol });
      const { url, protocol: used, implicit } = otlpDestination(loaded);
      assert.deepEqual({ url, used, implicit }, { url: usedUrl, used: usedProtocol, implicit: false });
      assert.deepEqual(codes(loaded), expected);
      for (const { why, fix, variable: named } of loaded.problems) {
        assert.equal(named, variable);
        assert.ok(why.endsWith('.') && fix.endsWith('.'), 'whole sentences');
      }
    });
  }
});
