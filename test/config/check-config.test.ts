import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ROWS } from '../../src/config/settings';
import { cwd, run } from './checking';

describe('what it says', () => {
  it('nothing set: all defaults, the local destination, exit 0', async () => {
    const { code, stdout, stderr } = await run({});
    assert.equal(code, 0);
    assert.equal(stderr, '');
    assert.match(
      stdout,
      /otlp: OTLP \(default\) {2}http\/protobuf {2}http:\/\/localhost:4318\/v1\/traces {2}\(nothing else is configured\)/,
    );
    assert.match(stdout, /No problems\.\n$/);
    for (const [, row] of ROWS) for (const name of row.names) assert.ok(stdout.includes(name), name);
  });
  it('each setting with its source', async () => {
    const there = join(cwd, 'file');
    mkdirSync(there);
    writeFileSync(join(there, '.env'), 'OTEL_SERVICE_NAME=shop\nOTEL_LOG_LEVEL=debug\n');
    const { stdout } = await run({ OTEL_LOG_LEVEL: 'info' }, [], { cwd: there });
    assert.ok(stdout.startsWith(`Settings (.env file: ${join(there, '.env')})`));
    assert.match(stdout, /OTEL_SERVICE_NAME +shop {2}\[OTEL_SERVICE_NAME \(.*\.env\)\]/);
    assert.match(
      stdout,
      /OTEL_LOG_LEVEL +info {2}\[OTEL_LOG_LEVEL \(environment\), overrides OTEL_LOG_LEVEL \(.*\.env\)\]/,
    );
    assert.match(stdout, /CANVASOPS_EXIT_TIMEOUT +500 {2}\[default\]/);
  });
  it('a warning leaves the exit code at 0, and has a code, a why and a fix', async () => {
    const { code, stdout } = await run({ OTEL_TRACE_SAMPLER: 'x' });
    assert.equal(code, 0);
    assert.match(
      stdout,
      /warning UNKNOWN_VARIABLE {2}OTEL_TRACE_SAMPLER\n {4}why: .+\n {4}fix: Did you mean OTEL_TRACES_SAMPLER\?\n/,
    );
  });
  it('an error makes it 1, and errors come first', async () => {
    const { code, stdout } = await run({ OTEL_TRACE_SAMPLER: 'x', JAEGER_HOST: 'j', JAEGER_PORT: '14268' });
    assert.equal(code, 1);
    assert.ok(stdout.indexOf('error JAEGER_PORT_WRONG') < stdout.indexOf('warning UNKNOWN_VARIABLE'));
    assert.match(stdout, /none: spans go nowhere/);
  });
  it('that there is a password in a URL, but not which', async () => {
    const { stdout } = await run({ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://me:pw@c/x?a=b#d' });
    assert.match(stdout, /OTEL_EXPORTER_OTLP_ENDPOINT +https:\/\/REDACTED:REDACTED@c\/x\?REDACTED {2}\[/);
    assert.match(stdout, /headers: authorization: set\n/);
  });
  it('that tracing is switched off', async () => {
    assert.match((await run({ OTEL_SDK_DISABLED: 'true' })).stdout, /switched off/);
  });
  it('the same as JSON', async () => {
    const env = {
      JAEGER_HOST: 'j',
      JAEGER_PORT: '6831',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c?token=x',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=k,x-mine=1',
    };
    const { code, stdout } = await run(env, ['--json']);
    const report = JSON.parse(stdout);
    assert.equal(code, 0);
    assert.equal(report.ok, true);
    assert.equal(report.envFile, null);
    assert.deepEqual(
      report.problems.map((problem: { code: string }) => problem.code),
      ['JAEGER_UDP'],
    );
    assert.deepEqual(report.destinations, [
      {
        id: 'otlp',
        label: 'OTLP',
        transport: 'otlp',
        protocol: 'http/protobuf',
        url: 'https://c/v1/traces?REDACTED',
        headers: 'authorization: set, 1 other: set',
        compression: 'none',
        timeout: '10000 ms',
      },
      {
        id: 'jaeger',
        label: 'Jaeger over UDP',
        transport: 'jaeger-udp',
        protocol: 'Thrift compact over UDP',
        url: 'udp://j:6831',
      },
    ]);
    const headers = report.settings.find((setting: { id: string }) => setting.id === 'otlpHeaders');
    assert.deepEqual(
      [headers.secret, headers.value, headers.source.variable],
      [true, 'set', 'OTEL_EXPORTER_OTLP_HEADERS'],
    );
  });
});

describe('usage', () => {
  it('--help explains itself', async () => {
    const { code, stdout } = await run({}, ['--help']);
    assert.equal(code, 0);
    assert.match(stdout, /--json/);
  });
  for (const args of [['--jsn'], ['extra'], ['--json', 'x']]) {
    it(`${args.join(' ')}: exit 2, one sentence and the way out`, async () => {
      const { code, stdout, stderr } = await run({}, args);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.match(stderr, /^[^\n]+canvasops check-config --help\n$/);
    });
  }
});

describe('files that a setting names', () => {
  it('must be there', async () => {
    const { code, stdout } = await run({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c',
      OTEL_EXPORTER_OTLP_CERTIFICATE: 'missing.pem',
      CANVASOPS_EXPORTER: './missing.mjs',
    });
    assert.equal(code, 1);
    assert.ok(stdout.includes(join(cwd, 'missing.pem')));
    assert.match(stdout, /TLS_FILE_MISSING/);
    assert.match(stdout, /EXPORTER_MODULE_MISSING/);
  });
  it('are fine when they are', async () => {
    writeFileSync(join(cwd, 'ca.pem'), '');
    writeFileSync(join(cwd, 'mine.mjs'), '');
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c',
      OTEL_EXPORTER_OTLP_CERTIFICATE: 'ca.pem',
      CANVASOPS_EXPORTER: './mine.mjs',
    };
    assert.equal((await run(env)).code, 0);
  });
  it('a directory is no file', async () => {
    mkdirSync(join(cwd, 'dir.mjs'));
    assert.equal((await run({ CANVASOPS_EXPORTER: './dir.mjs' })).code, 1);
  });
  it('a missing ./ is suggested', async () => {
    writeFileSync(join(cwd, 'near.mjs'), '');
    assert.match((await run({ CANVASOPS_EXPORTER: 'near.mjs' })).stdout, /Write `\.\/near\.mjs`/);
  });
  it('a package for import only counts as installed', async () => {
    const home = join(cwd, 'node_modules', 'esm-only');
    mkdirSync(home, { recursive: true });
    writeFileSync(
      join(home, 'package.json'),
      JSON.stringify({ name: 'esm-only', exports: { import: './x.mjs' } }),
    );
    assert.equal((await run({ CANVASOPS_EXPORTER: 'esm-only' })).code, 0);
    assert.equal((await run({ CANVASOPS_EXPORTER: 'not-installed' })).code, 1);
  });
});

describe('colour', () => {
  const coloured = (text: string) => text.includes('\u001b');
  it('only on a terminal, and not where NO_COLOR is set', async () => {
    const env = { OTEL_TRACE_SAMPLER: 'x' };
    assert.equal(coloured((await run(env)).stdout), false);
    assert.equal(coloured((await run(env, [], { stdoutIsTTY: true })).stdout), true);
    assert.equal(coloured((await run({ ...env, NO_COLOR: '1' }, [], { stdoutIsTTY: true })).stdout), false);
    assert.equal(coloured((await run(env, ['--json'], { stdoutIsTTY: true })).stdout), false);
  });
});
