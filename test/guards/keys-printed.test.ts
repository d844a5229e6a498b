/** Keys never show: backends that quote them back, connections that fail, all surfaces, and objects printed in depth. */
import assert from 'node:assert/strict';
import http from 'node:http';
import http2 from 'node:http2';
import net, { type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { fromRoot } from '../helpers/paths';
import { runNode } from '../helpers/run-node';
import { preloadFlags } from './unaffected';

const USER = 'c4n4ry-user';
const PASSWORD = 'c4n4ry-password';
const TOKEN = 'c4n4ry-path-0123456789';
const pair = Buffer.from(`${USER}:${PASSWORD}`).toString('base64');

/** Every way to give a key at once. */
function settings(scheme: string, port: number): Record<string, string> {
  const address = `127.0.0.1:${port}`;
  return {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${scheme}://${USER}:${PASSWORD}@${address}/${TOKEN}/v1/traces?api_key=c4n4ry-query`,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=c4n4ry-header',
    PHOENIX_COLLECTOR_ENDPOINT: `${scheme}://${address}`,
    PHOENIX_API_KEY: 'c4n4ry-phoenix-key',
    PHOENIX_CLIENT_HEADERS: 'x-more=c4n4ry-more',
    ARIZE_API_KEY: 'c4n4ry-arize-key',
    ARIZE_SPACE_ID: `${Buffer.from('Space:1').toString('base64')}c4n4ry`,
    ARIZE_COLLECTOR_ENDPOINT: `${scheme}://${address}`,
  };
}

/** All that the request had in it. */
const quoted = ({ url, headers }: http.IncomingMessage | http2.Http2ServerRequest): string =>
  `cannot take ${url} with ${Object.values(headers).join(' ')}`;

type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void;

const answers: Record<string, Answer> = {
  'a refusal in plain text': (request, response) => {
    response.writeHead(403, { 'content-type': 'text/plain' }).end(quoted(request));
  },
  'a refusal in JSON': (request, response) => {
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ code: 3, message: quoted(request) }));
  },
  'a refusal in protobuf': (request, response) => {
    response.writeHead(401, { 'content-type': 'application/x-protobuf' });
    const text = Buffer.from(quoted(request));
    // Field 2 of google.rpc.Status; the length is a varint of two bytes.
    response.end(Buffer.concat([Buffer.from([0x12, (text.length & 0x7f) | 0x80, text.length >> 7]), text]));
  },
  'a key where the message is cut': (request, response) => {
    const { authorization = '', 'x-api-key': key = '' } = request.headers;
    const text = `${'-'.repeat(193)}${key || authorization.split(' ')[1]}`;
    response.writeHead(403, { 'content-type': 'text/plain' }).end(text);
  },
  'a partial success': (request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const partialSuccess = { rejectedSpans: 1, errorMessage: quoted(request) };
    response.end(JSON.stringify({ partialSuccess }));
  },
  'a redirect': (request, response) => {
    const { authorization = '', 'x-api-key': key = '' } = request.headers;
    const credentials = authorization.split(' ')[1] ?? '';
    const location = `https://${USER}:${PASSWORD}@login.example/${encodeURIComponent(credentials)}/${key}?${key}`;
    response.writeHead(307, { location }).end();
  },
};

interface Printed {
  app: string;
  tests: string;
}

async function printed(env: Record<string, string>): Promise<Printed> {
  const common = { binary: process.execPath, cwd: fromRoot('fixtures/guards') };
  const app = fromRoot('fixtures/guards/app.cjs');
  const traced = await runNode({
    ...common,
    args: [...preloadFlags('--import'), app],
    env: {
      ...env,
      CANVASOPS_LOG_LEVEL: 'debug',
      OTEL_TRACES_EXPORTER: 'otlp,console',
      OTEL_BSP_SCHEDULE_DELAY: '10',
    },
  });
  const asked = await runNode({ ...common, args: [fromRoot('dist/cli.cjs'), 'test', '--json'], env });
  return { app: traced.stdout + traced.stderr, tests: asked.stdout + asked.stderr };
}

function assertNoKey({ app, tests }: Printed): void {
  for (const text of [app, tests]) {
    const at = text.toLowerCase().indexOf('c4n4ry');
    assert.equal(at, -1, text.slice(Math.max(0, at - 300), at + 60));
    assert.ok(!text.includes(pair));
    // A key that was cut; the shortest part that still says something.
    assert.ok(!text.includes('c4n4') && !text.includes(pair.slice(0, 6)), text);
  }
}

async function listening(server: net.Server, use: (port: number) => Promise<void>): Promise<void> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use((server.address() as AddressInfo).port);
  } finally {
    server.close();
    for (const socket of sockets) socket.destroy();
  }
}

for (const [name, answer] of Object.entries(answers)) {
  test(name, async () => {
    let received = '';
    const server = http.createServer((request, response) => {
      received += quoted(request);
      request.resume();
      request.on('end', () => answer(request, response));
    });
    await listening(server, async (port) => {
      const output = await printed(settings('http', port));
      for (const key of [pair, 'c4n4ry-query', 'c4n4ry-header', 'c4n4ry-phoenix-key', 'c4n4ry-arize-key'])
        assert.ok(received.includes(key), `${key} was sent`);
      assert.match(output.app, /^\[canvasops\] (OTLP|Phoenix|Arize)/m, 'and there was something to say');
      assertNoKey(output);
    });
  });
}

test('a gRPC server that quotes the metadata', async () => {
  let received = '';
  const server = http2.createServer((request, response) => {
    received += quoted(request);
    request.resume();
    response.writeHead(200, { 'content-type': 'application/grpc' });
    response.addTrailers({ 'grpc-status': '16', 'grpc-message': encodeURIComponent(quoted(request)) });
    response.end();
  });
  await listening(server, async (port) => {
    const output = await printed({ ...settings('grpc', port), OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' });
    // One address is one destination here, with the keys of all.
    assert.ok(received.includes('c4n4ry-header') && received.includes('c4n4ry-phoenix-key'));
    assert.match(output.app, /UNAUTHENTICATED/);
    assertNoKey(output);
  });
});

test('a server that does not speak HTTP', async () => {
  const server = net.createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n'));
  await listening(server, async (port) => assertNoKey(await printed(settings('http', port))));
});

test('a server that does not speak TLS', async () => {
  const server = http.createServer((_request, response) => response.end());
  await listening(server, async (port) => assertNoKey(await printed(settings('https', port))));
});

test('nobody there', async () => assertNoKey(await printed(settings('http', 1))));

test('objects of ours, printed in depth', async () => {
  const server = http.createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
  await listening(server, async (port) => {
    const { stdout, stderr, code } = await runNode({
      binary: process.execPath,
      args: [...preloadFlags('--import'), fromRoot('fixtures/guards/inspect.cjs')],
      cwd: fromRoot('fixtures/guards'),
      env: settings('http', port),
    });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /RegisterTracerProvider/, 'it got that deep');
    assertNoKey({ app: stdout, tests: stderr });
  });
});
