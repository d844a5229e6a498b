/** `canvasops test` as a process of its own: what it prints, and that it waits for the answer. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startGrpcReceiver } from '../helpers/grpc-receiver';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { runToExit } from '../helpers/run-app';
import { startUdpListener } from '../helpers/udp-listener';

const http = startOtlpReceiver();
const grpc = startGrpcReceiver();
after(async () => {
  await (await http).close();
  await (await grpc).close();
});

function canvasopsTest(env: Record<string, string>, args: string[] = []) {
  return runToExit({ entry: 'dist/cli.cjs', args: ['test', ...args], flag: 'none', env });
}

test('a backend that answers late: the answer is waited for and shown', async () => {
  const receiver = await http;
  receiver.answer({ delayMs: 200 });
  const { code, stdout, stderr } = await canvasopsTest({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  assert.equal(stderr, '');
  assert.equal(code, 0);
  const [, traceId] =
    /^ok {3}OTLP .*\/v1\/traces\n +answer: {2}200 after \d+ ms\n +trace: {3}([0-9a-f]{32})\n/.exec(stdout) ??
    [];
  assert.ok(traceId, stdout);
  const spans = receiver.spans().filter((span) => span.traceId === traceId);
  assert.deepEqual(spans.map(({ name }) => name).sort(), ['a step of the test', 'canvasops test']);
});

test('a mistyped endpoint is named beside the answer of the default one, and is exit code 1', async () => {
  const receiver = await http;
  receiver.answer({});
  const env = {
    OTEL_EXPORTER_OTLP_ENDPONT: 'https://collector.example',
    JAEGER_HOST: `grpc://127.0.0.1:${(await grpc).port}`,
  };
  const { code, stdout } = await canvasopsTest(env);
  assert.equal(code, 1);
  assert.match(stdout, /^ok /);
  assert.match(
    stdout,
    /error UNKNOWN_VARIABLE\n {2}why: OTEL_EXPORTER_OTLP_ENDPONT .*\n {2}fix: Did you mean OTEL_EXPORTER_OTLP_ENDPOINT\?/,
  );
});

test('every destination has its own answer, and one failure is exit code 1', async () => {
  const receiver = await http;
  receiver.answer({});
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    JAEGER_HOST: `grpc://127.0.0.1:${(await grpc).port}`,
    PHOENIX_COLLECTOR_ENDPOINT: 'http://127.0.0.1:1',
  };
  const { code, stdout } = await canvasopsTest(env, ['--json']);
  const report = JSON.parse(stdout) as {
    ok: boolean;
    destinations: { id: string; ok: boolean; answer: string }[];
  };
  assert.equal(code, 1);
  assert.equal(report.ok, false);
  assert.deepEqual(
    report.destinations.map(({ id, ok }) => `${id} ${ok}`),
    ['otlp true', 'jaeger true', 'phoenix false'],
  );
  assert.match(report.destinations[2]?.answer ?? '', /ECONNREFUSED/);
});

const exporters: [what: string, source: string | undefined, answer: RegExp, fix: RegExp][] = [
  [
    'a missing file',
    undefined,
    /there is no file \/.*exporter\.mjs/,
    /correct the path in CANVASOPS_EXPORTER/,
  ],
  [
    'a missing import',
    'import "not-installed";',
    /loads a module that is missing: .*not-installed/,
    /install it/,
  ],
  ['a syntax error', 'export default {', /has a syntax error: /, /node \/.*exporter\.mjs shows where/],
  ['a wrong import', 'import { nothing } from "node:fs";', /has a syntax error: .*nothing/, /shows where/],
  ['JSON that is none', 'JSON.parse("{");', /threw while it was loaded: .*JSON/, /correct what it does/],
  ['one that throws', 'throw new Error("boom");', /threw while it was loaded: boom/, /correct what it does/],
  [
    'another shape',
    'export default {};',
    /it has no method export\(\)/,
    /its default export must be an object/,
  ],
];

for (const [what, source, answer, fix] of exporters) {
  test(`an exporter that cannot be used says why in one line: ${what}`, async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'canvasops-test-'));
    if (source !== undefined) writeFileSync(join(cwd, 'exporter.mjs'), source);
    const env = { CANVASOPS_EXPORTER: './exporter.mjs' };
    const { code, stdout } = await runToExit({
      entry: 'dist/cli.cjs',
      args: ['test'],
      flag: 'none',
      env,
      cwd,
    });
    rmSync(cwd, { recursive: true, force: true });
    assert.equal(code, 1);
    const [, answered = '', fixed = ''] = /answer: {2}(.*)\n +fix: {5}(.*)\n/.exec(stdout) ?? [];
    assert.match(answered, answer);
    assert.match(fixed, fix);
    assert.doesNotMatch(stdout, /\\u000a|Require stack/);
  });
}

test('UDP to a closed port is a failure, to an open one it is sent and nothing more', async () => {
  const env = { JAEGER_HOST: '127.0.0.25', JAEGER_PORT: '6831' };
  const closed = await canvasopsTest(env);
  assert.equal(closed.code, 1);
  assert.match(closed.stdout, /^FAIL Jaeger over UDP {2}udp:\/\/127\.0\.0\.25:6831\n.*ECONNREFUSED/);

  const listener = await startUdpListener('127.0.0.25', 6831);
  const open = await canvasopsTest(env);
  assert.equal(open.code, 0);
  assert.match(open.stdout, /^sent Jaeger over UDP .*\n +answer: {2}sent; UDP gives no answer\n/);
  assert.equal((await listener.stop()).length, 2);
});
