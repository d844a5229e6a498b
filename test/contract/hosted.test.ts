/** Instrumentations that the app brings along run on our tracer (CANVASOPS_INSTRUMENTATIONS). */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { serverUrl, skipWithout } from '../helpers/needs';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { runApp, runToExit } from '../helpers/run-app';
import { callerTrace } from '../helpers/traceparent';
import { inTrace } from '../helpers/tree';

const OFFICIAL = '@opentelemetry/instrumentation-pg';

describe('the official instrumentation of pg in the place of ours', () => {
  for (const [entry, flag] of [
    ['fixtures/express-pg/app.cjs', '--import'],
    ['fixtures/express-pg/app.mjs', '--import'],
    ['fixtures/express-pg/app.mjs', '--require'],
  ] as const) {
    test(`${entry}, ${flag}`, { skip: skipWithout('postgres') }, async () => {
      const otlp = await startOtlpReceiver();
      const app = await runApp({
        entry,
        flag,
        otlp: otlp.url,
        env: {
          DATABASE_URL: serverUrl('postgres'),
          UPSTREAM_URL: otlp.url,
          CANVASOPS_INSTRUMENTATIONS: OFFICIAL,
          CANVASOPS_INSTRUMENTATIONS_DISABLED: 'pg',
        },
      });
      const caller = callerTrace();
      await app.get('/literal', caller.headers);
      const spans = await otlp.waitForSpans((all) => {
        const found = inTrace(all, caller.traceId);
        return (
          found.some(({ kind }) => kind === 'server') && found.some(({ scope }) => scope.name === OFFICIAL)
        );
      });
      const found = inTrace(spans, caller.traceId);
      const request = found.find(({ kind }) => kind === 'server');
      const query = found.find(({ scope, name }) => scope.name === OFFICIAL && name.startsWith('pg.query'));
      assert.equal(query?.traceId, request?.traceId);
      assert.ok(
        found.some(({ spanId }) => spanId === query?.parentSpanId),
        'the query hangs below the request',
      );
      await app.stop();
      await otlp.close();
    });
  }
});

/** Runs an empty program with one hosted package, whose code is given. */
async function hostPackage(code: string, manifest: object = { main: 'index.js' }) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hosted-'));
  try {
    const place = path.join(folder, 'node_modules/odd');
    mkdirSync(place, { recursive: true });
    writeFileSync(path.join(place, 'package.json'), JSON.stringify({ name: 'odd', ...manifest }));
    writeFileSync(path.join(place, 'index.js'), code);
    writeFileSync(path.join(folder, 'app.mjs'), '');
    const env = { CANVASOPS_INSTRUMENTATIONS: 'odd', OTEL_TRACES_EXPORTER: 'none' };
    return await runToExit({ entry: path.join(folder, 'app.mjs'), env });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const HOSTED = `class Odd {
  constructor() { process.stderr.write('made\\n'); }
  setTracerProvider() {}
  getModuleDefinitions() { return []; }
}`;

test('an instrumentation that is exported under two names is hosted once', async () => {
  const { stderr } = await hostPackage(`${HOSTED}\nexports.Odd = Odd; exports.default = Odd;`);
  assert.equal(stderr, 'made\n');
});

test('a library in a version that it does not patch is told in one line', async () => {
  const { stderr } = await hostPackage(
    `exports.Odd = class {
    setTracerProvider() {}
    getModuleDefinitions() { return [{ name: 'odd', supportedVersions: ['^1.0.0'] }]; }
  }`,
    { main: 'index.js', version: '2.0.0' },
  );
  assert.match(
    stderr,
    /^\[canvasops\] no spans by odd: odd 2\.0\.0 is installed, and only \^1\.0\.0 is supported\n/,
  );
});

test('one whose modules cannot be told says in one line what it sees', async () => {
  const { code, stderr } = await hostPackage('exports.Odd = class { setTracerProvider() {} };');
  assert.equal(code, 0);
  assert.match(
    stderr,
    /^\[canvasops\] odd is hosted, but sees only what CommonJS modules require: [^\n]*newer version[^\n]*\n$/,
  );
});

test('one that throws, or cannot be required, is told in one line', async () => {
  const thrown = await hostPackage("throw new Error('not today')");
  assert.match(thrown.stderr, /^\[canvasops\] CANVASOPS_INSTRUMENTATIONS names odd, .*not today[^\n]*\n$/);
  const only = await hostPackage('export {}', { type: 'module', exports: { import: './index.js' } });
  assert.match(only.stderr, /^\[canvasops\] CANVASOPS_INSTRUMENTATIONS names odd, [^\n]*\n$/);
  assert.deepEqual([thrown.code, only.code], [0, 0]);
});

test('one that is not installed is named in one line, and the app runs', async () => {
  const { code, stdout, stderr } = await runToExit({
    entry: 'fixtures/programs/nothing.cjs',
    env: { CANVASOPS_INSTRUMENTATIONS: 'not-an-instrumentation', OTEL_TRACES_EXPORTER: 'none' },
  });
  assert.equal(code, 0);
  assert.equal(stdout, '');
  assert.match(
    stderr,
    /^\[canvasops\] CANVASOPS_INSTRUMENTATIONS names not-an-instrumentation, .*install it/,
  );
  assert.equal(stderr.trim().split('\n').length, 1);
});
