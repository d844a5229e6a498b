/** What is secret stays in the process: not one byte of it is sent or logged, however talkative we are told to be. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { serverUrl, skipWithout } from '../helpers/needs';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { type RunningApp, runApp } from '../helpers/run-app';
import type { ReceivedSpan } from '../helpers/span';
import { spanNamed } from '../helpers/tree';
import { startUpstream } from '../helpers/upstream';

const skip = skipWithout('postgres');

/** All secrets of the fixture and of this test have one of these in them; the last two are cnry in base64. */
const canaries = ['cnry', '4207001', 'Y25yeS', 'dXNlcjpjbnJ5'];

const query =
  'password=cnry-1&token=cnry-2&sig=cnry-3&X-Amz-Signature=cnry-4&user[secret]=cnry-5&plain=shown';
const secretHeaders = {
  authorization: 'Bearer cnry-bearer',
  cookie: 'sid=cnry-cookie; theme=cnry-dark',
  'x-api-key': 'cnry-api-key',
  'proxy-authorization': `Basic ${Buffer.from('cnry:cnry').toString('base64')}`,
  referer: 'http://example.com/?token=cnry-referer',
};
const allHeaders = [...Object.keys(secretHeaders), 'x-shown'].join(',');

for (const form of ['cjs', 'mjs'] as const) {
  test(`secrets are neither sent nor logged, ${form}`, { skip }, async () => {
    const [receiver, upstream] = await Promise.all([startOtlpReceiver(), startUpstream()]);
    const app = await runApp({
      entry: `fixtures/express-pg/secrets.${form}`,
      args: ['--password=cnry-argument', '--token', 'cnry-argument', 'postgres://a:cnry-argument@b/c'],
      otlp: receiver.url,
      env: {
        DATABASE_URL: serverUrl('postgres'),
        UPSTREAM_URL: upstream.url,
        OTEL_TRACES_EXPORTER: 'otlp,console',
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer cnry-otlp,x-key=cnry-otlp',
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
        CANVASOPS_LOG_LEVEL: 'debug',
        CANVASOPS_CAPTURE_REQUEST_HEADERS: allHeaders,
        CANVASOPS_CAPTURE_RESPONSE_HEADERS: 'set-cookie,x-powered-by',
      },
    });
    const errors = ['cast', 'parameter', 'syntax', 'unfinished', 'role'];
    const paths = [`/in?${query}`, '/sql', '/calls', '/refused-url', '/thrown', `/nowhere?${query}`];
    for (const each of [...paths, ...errors.map((which) => `/sql-error/${which}`)]) {
      await app.get(each, { ...secretHeaders, 'x-shown': 'shown' });
    }
    await app.get('http://user:cnry-userinfo@127.0.0.1/in');
    await app.request({ path: '/in', method: 'POST', body: 'password=cnry-body' });
    await app.stop();
    await Promise.all([receiver.close(), upstream.close()]);

    assertClean(receiver, app);
    assert.equal(receiver.requests[0]?.headers.authorization, 'Bearer cnry-otlp');
    assertStillUseful(receiver.spans());
    assert.match(app.stderr(), /GET \/sql/, 'the tree on stderr was searched too');
  });
}

/** A test of absence proves something only if what surrounds the secrets is there. */
function assertStillUseful(spans: ReceivedSpan[]): void {
  const [entered] = spans.filter(({ name }) => name === 'GET /in');
  assert.ok(entered);
  assert.match(String(entered.attributes['url.query']), /password=REDACTED&token=REDACTED.*&plain=shown$/);
  assert.deepEqual(entered.attributes['http.request.header.x-shown'], ['shown']);
  assert.deepEqual(entered.attributes['http.request.header.authorization'], ['REDACTED']);
  assert.equal(entered.attributes['user.id'], 'u-1');
  const full = spans.map(({ attributes }) => String(attributes['url.full']));
  assert.ok(full.some((url) => url.includes('/fetch?') && url.includes('plain=shown')));
  assert.ok(full.some((url) => url.includes('REDACTED:REDACTED@') && url.includes('/userinfo')));
  const texts = spans.map(({ attributes }) => attributes['db.query.text']);
  assert.ok(texts.includes('select ? as a, ? as b'));
  const failed = spans.filter(({ name }) => name === 'GET /sql-error/:which');
  assert.equal(failed.length, 5);
  for (const { events } of failed) assert.ok(events[0]?.attributes['exception.message']);
  const thrown = spanNamed(spans, 'GET /thrown').events[0]?.attributes['exception.message'];
  assert.match(String(thrown), /^cannot connect to postgres:\/\/REDACTED:REDACTED@db\/app/);
}

test('a backend that repeats the key is not quoted with it', async () => {
  const receiver = await startOtlpReceiver();
  receiver.answer((request) => ({
    status: 401,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      message: `unknown key ${request.headers.authorization} / ${request.headers['x-key']}`,
    }),
  }));
  const app = await runApp({
    entry: 'fixtures/http/app.cjs',
    otlp: receiver.url,
    env: {
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer cnry-otlp,x-key=cnry-other',
      CANVASOPS_LOG_LEVEL: 'debug',
    },
  });
  await app.get('/');
  await receiver.waitForRequests(1);
  await app.waitForOutput('401');
  await app.stop();
  await receiver.close();
  assert.match(app.stderr(), /401: .*unknown key/);
  assert.equal(app.stderr().includes('cnry'), false, app.stderr());
});

test('keys in an env file and in endpoints are not logged', async () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'canvasops-privacy-'));
  const file = path.join(dir, 'settings');
  const lines = [
    'OTLP_API_KEY=cnry-file-key',
    'OTEL_EXPORTER_OTLP_ENDPOINT=http://me:cnry-endpoint@127.0.0.1:1/otlp?token=cnry-endpoint',
    'CANVASOPS_TYPO_KEY=cnry-typo',
  ];
  writeFileSync(file, lines.join('\n'));
  const env = { CANVASOPS_ENV_FILE: file, CANVASOPS_LOG_LEVEL: 'debug', OTEL_BSP_SCHEDULE_DELAY: '20' };
  const app = await runApp({ entry: 'fixtures/http/app.cjs', env });
  await app.get('/');
  await app.waitForOutput('127.0.0.1:1');
  await app.stop();
  rmSync(dir, { recursive: true });
  assert.match(app.stderr(), /nobody listens/);
  assert.equal(app.stderr().includes('cnry'), false, app.stderr());
});

function assertClean(receiver: OtlpReceiver, app: RunningApp): void {
  for (const canary of canaries) {
    for (const { body } of receiver.requests) {
      const at = body.indexOf(canary);
      const around = at < 0 ? '' : body.subarray(Math.max(0, at - 200), at + 80).toString('latin1');
      assert.equal(at, -1, `${canary} was sent: ${around}`);
    }
    const at = app.stderr().indexOf(canary);
    assert.equal(at, -1, `${canary} was logged: ${app.stderr().slice(Math.max(0, at - 200), at + 80)}`);
  }
}
