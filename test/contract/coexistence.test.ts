/** The preload beside others: itself once more, another copy, another SDK; and how much of it is switched on. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { fromRoot } from '../helpers/paths';
import { type Flag, type RunAppOptions, type RunningApp, runApp } from '../helpers/run-app';
import type { ReceivedSpan } from '../helpers/span';
import { drawTree, inTrace } from '../helpers/tree';
import { startUpstream, type Upstream } from '../helpers/upstream';

interface Company {
  app: RunningApp;
  receiver: OtlpReceiver;
  upstream: Upstream;
}

async function withApp(options: RunAppOptions, use: (company: Company) => Promise<void>): Promise<void> {
  const [receiver, upstream] = await Promise.all([startOtlpReceiver(), startUpstream()]);
  const env = { UPSTREAM_URL: upstream.url, OFFICIAL_URL: `${receiver.url}/v1/traces`, ...options.env };
  const app = await runApp({ otlp: receiver.url, ...options, env });
  try {
    await use({ app, receiver, upstream });
  } finally {
    await app.stop();
    await Promise.all([receiver.close(), upstream.close()]);
  }
}

/** All spans, once the app is gone. */
async function finalSpans({ app, receiver }: Company): Promise<ReceivedSpan[]> {
  await app.stop();
  return receiver.spans();
}

const flags: Flag[] = ['none', '--import', '--require', 'NODE_OPTIONS'];

for (const form of ['cjs', 'mjs']) {
  for (const flag of flags) {
    test(`loaded from code as well: one span per request, ${form} with ${flag}`, async () => {
      await withApp({ entry: `fixtures/programs/from-code.${form}`, flag }, async (company) => {
        assert.deepEqual((await company.app.get('/')).json(), { added: true });
        const spans = await finalSpans(company);
        assert.deepEqual(
          spans.map(({ name, attributes }) => [name, attributes.from]),
          [['GET', 'code']],
        );
        assert.equal(company.app.stderr(), '');
      });
    });
  }
}

test('by both flags and NODE_OPTIONS at once: one span per request, and not a word', async () => {
  const nodeArgs = ['--require', fromRoot('register.cjs')];
  const env = { NODE_OPTIONS: `--require ${fromRoot('register.cjs')}` };
  await withApp({ entry: 'fixtures/http/app.cjs', nodeArgs, env }, async (company) => {
    await company.app.get('/');
    assert.equal((await finalSpans(company)).length, 1);
    assert.equal(company.app.stderr(), '');
  });
});

test('a second copy says so in one line and steps aside', async () => {
  const dir = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'canvasops-copy-')));
  for (const name of ['dist', 'register.mjs', 'register.cjs', 'package.json']) {
    cpSync(fromRoot(name), path.join(dir, name), { recursive: true });
  }
  mkdirSync(path.join(dir, 'node_modules'));
  symlinkSync(fromRoot('node_modules/@opentelemetry'), path.join(dir, 'node_modules/@opentelemetry'));
  const nodeArgs = ['--import', pathToFileURL(path.join(dir, 'register.mjs')).href];
  await withApp({ entry: 'fixtures/programs/shop.cjs', nodeArgs }, async (company) => {
    assert.deepEqual((await company.app.get('/order')).json(), { added: true });
    assert.equal((await finalSpans(company)).length, 2);
    const [line, ...more] = company.app.stderr().trim().split('\n');
    assert.deepEqual(more, []);
    assert.match(line ?? '', /^\[canvasops\] not tracing: .*is running here already/);
    assert.ok(line?.includes(dir), line);
  });
  rmSync(dir, { recursive: true });
});

test('another provider came first: one line, and that one goes on unaffected', async () => {
  const nodeArgs = ['--require', fromRoot('fixtures/official-otlp/all.cjs')];
  await withApp({ entry: 'fixtures/http/app.cjs', nodeArgs }, async (company) => {
    assert.equal((await company.app.get('/client/get')).status, 200);
    await company.receiver.waitForSpans(2);
    const spans = await finalSpans(company);
    assert.equal(drawTree(spans), 'server GET\n  client GET');
    for (const { scope } of spans) assert.match(scope.name, /^@opentelemetry\/instrumentation-http/);
    assert.match(
      company.app.stderr(),
      /^\[canvasops\] not tracing: another OpenTelemetry provider [^\n]*\n$/,
    );
  });
});

test('the manual API is harmless where nothing is traced', async () => {
  const options = { entry: 'fixtures/programs/shop.mjs', env: { CANVASOPS_ENABLED: 'false' } };
  await withApp(options, async (company) => {
    assert.deepEqual((await company.app.get('/order')).json(), { added: false });
    assert.deepEqual(await finalSpans(company), []);
    assert.equal(company.app.stderr(), '');
  });
});

const request = 'server GET\n  client GET';
const choices: [env: Record<string, string>, tree: string][] = [
  [{}, request],
  [{ CANVASOPS_INSTRUMENTATIONS_DISABLED: 'undici' }, 'server GET'],
  [{ OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'pg,undici' }, 'server GET'],
  [{ OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http' }, 'client GET'],
  [{ CANVASOPS_INSTRUMENTATIONS_ENABLED: 'undici' }, 'client GET'],
  [{ OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,undici' }, request],
  [
    { CANVASOPS_INSTRUMENTATIONS_ENABLED: 'http,undici', OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http' },
    'client GET',
  ],
];

for (const [env, tree] of choices) {
  test(`which libraries are traced: ${JSON.stringify(env)}`, async () => {
    await withApp({ entry: 'fixtures/undici/app.cjs', env }, async (company) => {
      assert.equal((await company.app.get('/global-fetch')).status, 200);
      assert.equal(drawTree(await finalSpans(company)), tree);
      assert.equal(company.app.stderr(), '');
    });
  });
}

const misnamed: [env: Record<string, string>, tree: string, says: RegExp][] = [
  [
    { CANVASOPS_INSTRUMENTATIONS_ENABLED: 'postgresql' },
    request,
    /^\[canvasops\] LIBRARY_UNKNOWN: `postgresql` .*CANVASOPS_INSTRUMENTATIONS_ENABLED is ignored\. Did you mean pg\? .*$/,
  ],
  [
    { CANVASOPS_INSTRUMENTATIONS_ENABLED: 'http,postgresql' },
    'server GET',
    /^\[canvasops\] LIBRARY_UNKNOWN: `postgresql` .*$/,
  ],
  [
    { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'fs,fetch,http' },
    'client GET',
    /^\[canvasops\] LIBRARY_UNKNOWN: `fetch` .* Did you mean undici\? .*$/,
  ],
  [
    { OTEL_EXPORTER_OTLP_ENDPONT: 'http://127.0.0.1:1' },
    request,
    /^\[canvasops\] UNKNOWN_VARIABLE: OTEL_EXPORTER_OTLP_ENDPONT .* Did you mean OTEL_EXPORTER_OTLP_ENDPOINT\?$/,
  ],
];

for (const [env, tree, says] of misnamed) {
  test(`a name that nothing has is told in one line, and the rest counts: ${JSON.stringify(env)}`, async () => {
    await withApp({ entry: 'fixtures/undici/app.cjs', env }, async (company) => {
      assert.equal((await company.app.get('/global-fetch')).status, 200);
      assert.equal(drawTree(await finalSpans(company)), tree);
      const lines = company.app.stderr().split('\n');
      const told = lines.filter((line) => /^\[canvasops\] [A-Z_]+: /.test(line));
      assert.equal(told.length, 1, lines.join('\n'));
      assert.match(told[0] ?? '', says);
    });
  });
}

test('a switched off framework gives no route, and the request is traced all the same', async () => {
  const env = { CANVASOPS_INSTRUMENTATIONS_DISABLED: 'express' };
  await withApp({ entry: 'fixtures/express-4/app.cjs', env }, async (company) => {
    await company.app.get('/users/1');
    const [span] = await finalSpans(company);
    assert.equal(span?.name, 'GET');
    assert.equal(span?.attributes['http.route'], undefined);
  });
});

test('CANVASOPS_IGNORE_PATHS: the whole request leaves no trace, nor does what it causes', async () => {
  const env = { CANVASOPS_IGNORE_PATHS: '/status,/client/get*' };
  await withApp({ entry: 'fixtures/http/app.cjs', env }, async (company) => {
    const { app, upstream } = company;
    assert.equal((await app.get('/status?code=204')).status, 204);
    await app.get('/client/get');
    await app.get('/client/get-url');
    await app.get('/client/callback');
    await app.get('/');
    const spans = await finalSpans(company);
    const paths = spans
      .filter(({ kind }) => kind === 'server')
      .map(({ attributes }) => attributes['url.path']);
    assert.deepEqual(paths, ['/client/callback', '/']);
    assert.equal(spans.length, 3);
    assert.equal(
      upstream.requestTo('/get?').headers.traceparent,
      undefined,
      'nobody continues what is not there',
    );
    assert.ok(upstream.requestTo('/callback').headers.traceparent);
  });
});

for (const form of ['cjs', 'mjs']) {
  test(`process.exit() in a handler: code and output as they were, earlier spans delivered, ${form}`, async () => {
    const env = { OTEL_BSP_SCHEDULE_DELAY: '60000' };
    await withApp({ entry: `fixtures/programs/shop.${form}`, env }, async ({ app, receiver }) => {
      await app.get('/order');
      assert.equal((await app.get('/exit?code=3')).text, '{}');
      assert.deepEqual(await app.exit, { code: 3, signal: null });
      const [charge] = receiver.spans().filter(({ name }) => name === 'charge');
      const paths = inTrace(receiver.spans(), charge?.traceId ?? '').map(
        ({ attributes }) => attributes['url.path'],
      );
      assert.deepEqual(paths.sort(), ['/order', undefined]);
      assert.equal(app.stdout(), `listening ${app.port}\n`);
      assert.equal(app.stderr(), '');
    });
  });
}

test('an uncaught error: code, message and earlier spans', async () => {
  const env = { OTEL_BSP_SCHEDULE_DELAY: '60000' };
  await withApp({ entry: 'fixtures/http/app.cjs', env }, async ({ app, receiver }) => {
    await app.get('/');
    await app.get('/crash').catch(() => undefined);
    assert.deepEqual(await app.exit, { code: 1, signal: null });
    assert.match(app.stderr(), /Error: thrown where nobody catches/);
    assert.doesNotMatch(app.stderr(), /canvasops\]|dist\/core/);
    assert.equal(receiver.spans()[0]?.attributes['url.path'], '/');
  });
});
