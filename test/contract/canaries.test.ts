/**
 * Sixty and more places where programs have secrets, each with one of its own, and every way out of the process:
 * none of them may be found anywhere, as it is or thinly disguised.
 */
import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type GrpcReceiver, startGrpcReceiver } from '../helpers/grpc-receiver';
import { serverUrl, skipWithout } from '../helpers/needs';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { fromRoot } from '../helpers/paths';
import { type RunningApp, runApp, runToExit } from '../helpers/run-app';
import type { ReceivedSpan } from '../helpers/span';
import { startUpstream, type Upstream } from '../helpers/upstream';
import { assertNoCanary, canariesIn } from './canary-search';

const skip = skipWithout('postgres', 'mariadb', 'redis');
const folder = mkdtempSync(path.join(os.tmpdir(), 'canvasops-canaries-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Places that only this side knows of, beside those that the fixture reports. */
const places = new Set<string>();

function canary(place: string): string {
  places.add(place);
  return `zqcnry${place}`;
}

const KEYS = [
  ...[
    'password',
    'passwd',
    'secret',
    'token',
    'access_token',
    'refresh_token',
    'id_token',
    'api_key',
    'apikey',
  ],
  ...[
    'key',
    'code',
    'session',
    'auth',
    'credential',
    'X-Amz-Signature',
    'X-Amz-Credential',
    'X-Amz-Security-Token',
  ],
  ...['AWSAccessKeyId', 'Signature', 'sig', 'X-Goog-Signature', 'PASSWORD', 'clientSecret', 'customer_no'],
];

const plainQuery = KEYS.map((key, index) => `${key}=${canary(`Query${index}`)}`).join('&');
const bracketQuery = KEYS.map((key, index) => `user[${key}]=${canary(`Bracket${index}`)}`).join('&');
const oddTargets = [
  `/in?${encodeURIComponent('password')}=${canary('EncodedName')}&%70assword=${canary('EncodedLetter')}`,
  `/in?next=${encodeURIComponent(`/x?token=${canary('EncodedUrl')}`)}`,
  `/in?next=${encodeURIComponent(encodeURIComponent(`/x?token=${canary('EncodedTwice')}`))}`,
  `/in?filter=${encodeURIComponent(JSON.stringify({ a: { password: canary('JsonInQuery') } }))}`,
  `/in?url=http://me:${canary('UserinfoInQuery')}@example.com/`,
  `/in?a=1;token=${canary('SemicolonQuery')}`,
  `/in?jwt=${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${Buffer.from(JSON.stringify({ sub: canary('JwtInQuery') })).toString('base64url')}.x`,
  `/in/a;jsessionid=${canary('MatrixSession')}/b;token=${canary('MatrixToken')}`,
  `/in/a#access_token=${canary('Fragment')}`,
  `http://user:${canary('TargetUserinfo')}@127.0.0.1/in`,
];

const requestHeaders = {
  authorization: `Bearer ${canary('Authorization')}`,
  cookie: `sid=${canary('Cookie')}; theme=${canary('CookieTwo')}`,
  'x-api-key': canary('XApiKey'),
  'proxy-authorization': `Basic ${Buffer.from(`me:${canary('ProxyAuthorization')}`).toString('base64')}`,
  'x-auth-token': canary('XAuthToken'),
  'x-csrf-token': canary('XCsrfToken'),
  'x-amz-security-token': canary('XAmzSecurityToken'),
  'x-note': `call failed: Authorization: Bearer ${canary('NoteHeader')}`,
  'x-upstream': `postgres://me:${canary('UrlHeader')}@db/x`,
  referer: `http://example.com/?token=${canary('Referer')}`,
  'user-agent': `agent/1 (+https://me:${canary('UserAgent')}@example.com/?token=${canary('UserAgentQuery')})`,
  baggage: `session=${canary('Baggage')},auth_token=${canary('BaggageTwo')}`,
};
const captured = [...Object.keys(requestHeaders), 'x-plain'].join(',');

const settings = {
  CANVASOPS_LOG_LEVEL: 'debug',
  CANVASOPS_CAPTURE_REQUEST_HEADERS: captured,
  CANVASOPS_CAPTURE_RESPONSE_HEADERS: 'set-cookie,location,x-session-token,content-type',
  CANVASOPS_REDACT_KEYS: 'customer_no',
  OTEL_BSP_SCHEDULE_DELAY: '50',
  DB_PASSWORD: canary('Environment'),
  SESSION_SECRET: canary('EnvironmentTwo'),
};

async function everyPlace(
  env: Record<string, string>,
  use: (app: RunningApp) => Promise<void>,
): Promise<string> {
  const upstream = await startUpstream();
  const databases = {
    POSTGRES_URL: serverUrl('postgres'),
    MARIADB_URL: serverUrl('mariadb'),
    REDIS_URL: serverUrl('redis'),
  };
  const app = await runApp({
    entry: 'fixtures/canaries/app.cjs',
    args: [`--password=${canary('Argument')}`, '--token', canary('ArgumentTwo')],
    env: { ...settings, ...databases, UPSTREAM_URL: upstream.url, ...env },
  });
  let queryStats = '';
  try {
    await visit(app, upstream);
    queryStats = (await app.get('/query-stats')).text;
    await use(app);
  } finally {
    await app.stop();
    await upstream.close();
  }
  return queryStats + app.stderr() + app.stdout();
}

async function visit(app: RunningApp, upstream: Upstream): Promise<void> {
  const list = async (from: string, to: string): Promise<string[]> =>
    (await app.get(from)).json<string[]>().map((name) => `${to}/${name}`);
  const failing = [
    ...(await list('/errors', '/thrown')),
    ...(await list('/pg-failing', '/pg-failing')),
    ...(await list('/mysql-failing', '/mysql-failing')),
    ...(await list('/redis-failing', '/redis-failing')),
    ...['refused', 'userinfo', 'invalid', 'header', 'get', 'path', 'name'].map(
      (which) => `/out-failing/${which}`,
    ),
  ];
  const working = [`/in?${plainQuery}&plain=shown`, `/in?${bracketQuery}`, ...oddTargets];
  const headers = { ...requestHeaders, 'x-plain': 'shown' };
  for (const each of [...working, '/out/fetch', '/out/http', '/pg', '/mysql', '/redis']) {
    assert.equal((await app.get(each, headers)).status, 200, `${each}\n${app.stderr().slice(-2000)}`);
  }
  for (const each of failing) assert.equal((await app.get(each)).status, 500, each);
  const body = `{"password": ${canary('Body')}`;
  assert.equal((await app.request({ path: '/in', method: 'POST', body })).status, 500);
  const reported = (await app.get('/handed-out')).json<string[]>();
  // The fixture's secrets were really used: the servers saw them.
  assert.ok(canariesIn(JSON.stringify(upstream.requests)).length > 10);
  assert.ok(reported.length > 100, String(reported.length));
  for (const place of reported) places.add(place);
}

/** A test of absence proves something only if what surrounds the secrets is there. */
function assertStillUseful(spans: readonly ReceivedSpan[]): void {
  const [entered] = spans.filter(({ attributes }) => String(attributes['url.query']).startsWith('password='));
  assert.match(
    String(entered?.attributes['url.query']),
    /^password=REDACTED&.*customer_no=REDACTED&plain=shown$/,
  );
  assert.deepEqual(entered?.attributes['http.request.header.x-plain'], ['shown']);
  assert.match(String(entered?.attributes['user_agent.original']), /^agent\/1 \(\+https:\/\/REDACTED/);
  for (const system of ['postgresql', 'mariadb', 'redis']) {
    const own = spans.filter(({ attributes }) => attributes['db.system.name'] === system);
    const texts = own.map(({ attributes }) => String(attributes['db.query.text']));
    assert.ok(
      texts.some((text) => text.includes('?')),
      `${system}: ${texts.join('\n')}`,
    );
    assert.ok(
      own.some(({ events }) => events.length > 0),
      system,
    );
  }
  const messages = spans.flatMap(({ events }) =>
    events.map((event) => String(event.attributes['exception.message'])),
  );
  for (const part of [
    'saving failed: duplicate key value violates',
    'Key (email)=(?) already exists',
    'cannot connect to postgres://',
    'ECONNREFUSED',
  ]) {
    assert.ok(
      messages.some((message) => message.includes(part)),
      `${part}\n${messages.join('\n')}`,
    );
  }
}

test('OTLP as protobuf, Jaeger over UDP, Phoenix, the terminal and an exporter of the app', {
  skip,
}, async () => {
  const [receiver, phoenix, agent] = await Promise.all([
    startOtlpReceiver(),
    startOtlpReceiver(),
    udpAgent(),
  ]);
  const exported = path.join(folder, 'exported');
  const output = await everyPlace(
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer ${canary('OtlpHeader')}`,
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      PHOENIX_COLLECTOR_ENDPOINT: phoenix.url,
      PHOENIX_API_KEY: canary('PhoenixKey'),
      JAEGER_HOST: agent.host,
      JAEGER_PORT: '6831',
      OTEL_TRACES_EXPORTER: 'otlp,console',
      CANVASOPS_EXPORTER: fromRoot('fixtures/canaries/exporter.cjs'),
      EXPORT_TO: exported,
    },
    async () => {},
  );
  await Promise.all([receiver.close(), phoenix.close(), agent.close()]);
  assertClean('OTLP', receiver);
  assertClean('Phoenix', phoenix);
  assertNoCanary('the datagrams', Buffer.concat(agent.datagrams));
  assertNoCanary('the exporter', readFileSync(exported));
  assertNoCanary('the output', output);
  assertStillUseful(receiver.spans());
  assert.ok(agent.datagrams.length > 0 && phoenix.spans().length > 100);
  assert.match(output, /POST \/in.* ERROR /);
  assert.match(output, /the exporter failed: 401 for Bearer REDACTED/);
  assert.ok(places.size > 200, `${places.size} places`);
});

test('OTLP as JSON, and gRPC', { skip }, async () => {
  const [receiver, grpc] = await Promise.all([startOtlpReceiver(), startGrpcReceiver()]);
  const output = await everyPlace(
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTLP_API_KEY: canary('OtlpApiKey'),
      JAEGER_HOST: `grpc://127.0.0.1:${grpc.port}`,
    },
    async () => {},
  );
  await Promise.all([receiver.close(), grpc.close()]);
  assertClean('JSON', receiver);
  assertClean('gRPC', grpc);
  assertNoCanary('the output', output);
  assertStillUseful(receiver.spans());
  assertStillUseful(grpc.spans());
});

test('a backend that is down: what is said of it, and what is kept on disk', { skip }, async () => {
  const spool = path.join(folder, 'spool');
  const output = await everyPlace(
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://me:${canary('EndpointUserinfo')}@127.0.0.1:1/?token=${canary('EndpointQuery')}`,
      OTEL_EXPORTER_OTLP_HEADERS: `x-key=${canary('OtlpHeaderTwo')}`,
      ARIZE_API_KEY: canary('ArizeKey'),
      ARIZE_SPACE_ID: canary('ArizeSpace'),
      ARIZE_COLLECTOR_ENDPOINT: `http://127.0.0.1:1/?api_key=${canary('ArizeEndpoint')}`,
      CANVASOPS_SPOOL_DIR: spool,
    },
    () => sleep(1000),
  );
  assertNoCanary('the output', output);
  assert.match(output, /nobody listens|ECONNREFUSED/);
  const files = readdirSync(spool, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  const kept = Buffer.concat(files.map((each) => readFileSync(path.join(each.parentPath, each.name))));
  assert.ok(kept.includes('db.query.text'), 'the spool was searched');
  assertNoCanary('the spool', kept);
});

const secretSettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://me:${canary('CliUserinfo')}@127.0.0.1:1/?token=${canary('CliQuery')}`,
  OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer ${canary('CliHeader')},x=${canary('CliHeaderTwo')}`,
  ARIZE_API_KEY: canary('CliArizeKey'),
  ARIZE_SPACE_ID: canary('CliArizeSpace'),
  ARIZE_COLLECTOR_ENDPOINT: `http://127.0.0.1:1/?api_key=${canary('CliArizeEndpoint')}`,
  PHOENIX_COLLECTOR_ENDPOINT: `http://me:${canary('CliPhoenix')}@127.0.0.1:1`,
  PHOENIX_API_KEY: canary('CliPhoenixKey'),
  JAEGER_HOST: `http://me:${canary('CliJaeger')}@127.0.0.1:1`,
  OTEL_RESOURCE_ATTRIBUTES: `api.token=${canary('CliResource')}`,
  CANVASOPS_API_KEY: canary('CliUnknown'),
};

for (const args of [['check-config'], ['check-config', '--json'], ['test'], ['test', '--json']]) {
  test(`canvasops ${args.join(' ')}`, async () => {
    const { stdout, stderr } = await runToExit({
      entry: 'dist/cli.cjs',
      args,
      flag: 'none',
      env: secretSettings,
    });
    assert.match(stdout, /127\.0\.0\.1/);
    assertNoCanary('the output', stdout + stderr);
  });
}

function assertClean(where: string, receiver: OtlpReceiver | GrpcReceiver): void {
  assert.ok(receiver.requests.length > 0, where);
  assertNoCanary(where, ...receiver.requests.map(({ body }) => body));
}

async function udpAgent(): Promise<{ host: string; datagrams: Buffer[]; close(): Promise<void> }> {
  const host = '127.0.0.33'; // one of its own: the port is fixed, and other tests run meanwhile
  const datagrams: Buffer[] = [];
  const socket = dgram.createSocket('udp4');
  socket.unref();
  socket.on('message', (message) => datagrams.push(message));
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(6831, host, resolve);
  });
  socket.setRecvBufferSize(8 * 1024 * 1024);
  return { host, datagrams, close: () => new Promise((resolve) => socket.close(() => resolve())) };
}
