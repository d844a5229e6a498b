/**
 * However a program ends: exit code, signal and output are what they are without us, and no span is lost or sent
 * twice. The product of all endings and all backends is in `test/matrix/endings.test.ts`.
 */
import { after, before, describe, it } from 'node:test';
import { assertEnding, type Backend, startBackend } from './endings';
import { names } from './endings-expected';

/** What differs by backend is whether the event loop still turns; the others are made of these. */
const typical = [
  'natural',
  'process.exit',
  'exit listener throws',
  'SIGTERM',
  'process.kill',
  'thread, natural',
  'thread, blocked, terminate',
];

/** The spans that a backend has are those of one program. */
const ONE_AT_A_TIME = { concurrency: 1 };

describe('the ending of a program', { concurrency: 2 }, () => {
  let http: Backend;
  let grpc: Backend;
  before(async () => {
    http = await startBackend('http', 'healthy');
    grpc = await startBackend('grpc', 'healthy');
  });
  after(async () => {
    await Promise.all([http.close(), grpc.close()]);
  });
  describe('http', ONE_AT_A_TIME, () => {
    for (const name of names) it(name, () => assertEnding(name, http));
  });
  describe('grpc', ONE_AT_A_TIME, () => {
    for (const name of names) it(name, () => assertEnding(name, grpc));
  });
});

describe('with other backends', { concurrency: 3 }, () => {
  for (const [protocol, health] of [
    ['udp', 'healthy'],
    ['http', 'slow'],
    ['http', 'refused'],
    ['http', 'black hole'],
    ['grpc', 'slow'],
    ['grpc', 'refused'],
    ['grpc', 'black hole'],
  ] as const) {
    describe(`${protocol}, ${health}`, ONE_AT_A_TIME, () => {
      let backend: Backend;
      before(async () => {
        backend = await startBackend(protocol, health);
      });
      after(() => backend.close());
      for (const name of typical) it(name, () => assertEnding(name, backend));
    });
  }
});
