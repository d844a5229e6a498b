/**
 * What crosses the wire to an address that is not loopback. It is this machine's own, so nothing leaves it, but neither
 * the preload nor the receiver can tell.
 */
import assert from 'node:assert/strict';
import http from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import os from 'node:os';
import { describe, it } from 'node:test';
import { fromRoot } from '../helpers/paths';
import { runNode } from '../helpers/run-node';
import { preloadFlags } from './unaffected';

const address = Object.values(os.networkInterfaces())
  .flat()
  .find((each) => each !== undefined && !each.internal && each.family === 'IPv4')?.address;
const skip = address === undefined ? 'this machine has no address but loopback' : false;

interface Wire {
  /** Everything but the bodies, of all requests. */
  text: string;
  requests: number;
  stderr: string;
}

/** Runs the app with these settings, in which ADDRESS stands for where the receiver listens. */
async function wireOf(
  settings: Record<string, string>,
  { at = address, redirectTo = '' }: { at?: string | undefined; redirectTo?: string } = {},
): Promise<Wire> {
  const wire: Wire = { text: '', requests: 0, stderr: '' };
  const note = ({ url, headers }: http.IncomingMessage | http2.Http2ServerRequest): void => {
    wire.requests++;
    wire.text += `${url} ${JSON.stringify(headers)}\n`;
  };
  const isGrpc = Object.values(settings).some((value) => value.startsWith('grpc'));
  const server: Server = isGrpc
    ? http2.createServer((request, response) => {
        note(request);
        request.resume();
        response.writeHead(200, { 'content-type': 'application/grpc' });
        response.addTrailers({ 'grpc-status': '0' });
        response.end(Buffer.alloc(5));
      })
    : http.createServer((request, response) => {
        note(request);
        request.resume();
        if (redirectTo === '') response.writeHead(200, { 'content-type': 'application/x-protobuf' });
        else response.writeHead(307, { location: redirectTo.replace('PORT', String(portOf(server))) });
        response.end();
      });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  try {
    const place = (value: string): string => value.replace('ADDRESS', `${at}:${portOf(server)}`);
    const env = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, place(value)]));
    const { code, stderr } = await runNode({
      binary: process.execPath,
      args: [...preloadFlags('--import'), fromRoot('fixtures/guards/app.cjs')],
      cwd: fromRoot('fixtures/guards'),
      env: { OTEL_BSP_SCHEDULE_DELAY: '50', ...env },
    });
    assert.equal(code, 4, stderr);
    return { ...wire, stderr };
  } finally {
    server.close();
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

const key = {
  OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer c4n4ry,x-api-key=c4n4ry,x-scope-orgid=tenant',
};
const ways: Record<string, Record<string, string>> = {
  'OTLP over HTTP': { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://ADDRESS', ...key },
  'OTLP over HTTP as JSON': {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://ADDRESS/v1/traces',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    ...key,
  },
  'OTLP over gRPC': { OTEL_EXPORTER_OTLP_ENDPOINT: 'grpc://ADDRESS', ...key },
  'user and password': { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c4n4ry:c4n4ry@ADDRESS' },
  OTLP_API_KEY: { OTLP_ENDPOINT: 'http://ADDRESS/v1/traces', OTLP_API_KEY: 'c4n4ry' },
  'OTLP_API_KEY over gRPC': { OTLP_ENDPOINT: 'grpc://ADDRESS', OTLP_API_KEY: 'c4n4ry' },
  Jaeger: { JAEGER_HOST: 'http://c4n4ry:c4n4ry@ADDRESS' },
  Phoenix: {
    PHOENIX_COLLECTOR_ENDPOINT: 'http://ADDRESS',
    PHOENIX_API_KEY: 'c4n4ry',
    PHOENIX_CLIENT_HEADERS: 'x-more=c4n4ry',
  },
  Arize: {
    ARIZE_COLLECTOR_ENDPOINT: 'http://ADDRESS',
    ARIZE_API_KEY: 'c4n4ry',
    ARIZE_SPACE_ID: 'U3BhY2U6MQ==c4n4ry',
  },
};
const basic = Buffer.from('c4n4ry:c4n4ry').toString('base64');

function hasKey({ text }: Wire): boolean {
  return text.includes('c4n4ry') || text.includes(basic);
}

describe('unencrypted to another address', { skip }, () => {
  for (const [name, settings] of Object.entries(ways)) {
    it(`${name}: the spans go without the key, which is said in one line`, async () => {
      const wire = await wireOf(settings);
      assert.ok(wire.requests > 0, wire.stderr);
      assert.equal(hasKey(wire), false, wire.text);
      const lines = wire.stderr.split('\n').filter((line) => line.includes('KEY_OVER_CLEAR_TEXT'));
      assert.equal(lines.length, 1, wire.stderr);
      assert.match(lines[0] ?? '', /are not sent to it\. .*OTEL_EXPORTER_OTLP_INSECURE=true/);
    });
    it(`${name}: with OTEL_EXPORTER_OTLP_INSECURE=true the key goes too`, async () => {
      const wire = await wireOf({ ...settings, OTEL_EXPORTER_OTLP_INSECURE: 'true' });
      assert.equal(hasKey(wire), true, wire.text);
      assert.doesNotMatch(wire.stderr, /KEY_OVER_CLEAR_TEXT/);
    });
  }
});

it('to loopback the key goes, and nothing is said', async () => {
  const wire = await wireOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://ADDRESS', ...key }, { at: '127.0.0.1' });
  assert.equal(hasKey(wire), true, wire.text);
  assert.equal(wire.stderr, '');
});

it('nobody follows a redirect with a key', { skip }, async () => {
  const settings = { ...ways['OTLP over HTTP'], OTEL_EXPORTER_OTLP_INSECURE: 'true' };
  const wire = await wireOf(settings, { redirectTo: `http://${address}:PORT/elsewhere` });
  assert.equal(hasKey(wire), true);
  assert.doesNotMatch(wire.text, /elsewhere/);
  assert.match(wire.stderr, /redirects are not followed/);
});
