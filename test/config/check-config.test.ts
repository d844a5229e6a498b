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
    assert.match(stdout, /^No problems\.\n/);
    assert.match(stdout, /All \d+ settings have their defaults; --all lists them\./);
    for (const [, row] of ROWS) for (const name of row.names) assert.ok(!stdout.includes(name), name);
    assert.ok(stdout.split('\n').length < 20, 'it fits a terminal');
  });
  it('--all lists every setting', async () => {
    const { code, stdout } = await run({}, ['--all']);
    assert.equal(code, 0);
    assert.match(stdout, /^No problems\.\n/);
    assert.match(stdout, /OTEL_LOG_LEVEL/);
    for (const [, row] of ROWS) for (const name of row.names) assert.ok(stdout.includes(name), name);
  });
  it('the verdict first, then the problems, then what is set, then where spans go', async () => {
    const { stdout } = await run({
      OTEL_SERVICE_NAME: 'shop',
      OTEL_EXPORTER_OTLP_ENDPONT: 'https://c',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_FROBNICATE: '1',
    });
    const order = [
      '1 error and 2 warnings.\n',
      '\nProblems\n',
      'error UNKNOWN_VARIABLE',
      '\nSettings (no .env file)\n',
      'OTEL_SERVICE_NAME  shop',
      'The other 60 settings have their defaults',
      '\nDestinations\n',
    ].map((text) => [text, stdout.indexOf(text)] as const);
    for (const [text, at] of order) assert.ok(at >= 0, `${text} in ${stdout}`);
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a[1] - b[1]),
    );
    assert.equal(order[0]?.[1], 0);
  });
  it('each setting with its source', async () => {
    const there = join(cwd, 'file');
    mkdirSync(there);
    writeFileSync(join(there, '.env'), 'OTEL_SERVICE_NAME=shop\nOTEL_LOG_LEVEL=debug\n');
    const { stdout } = await run({ OTEL_LOG_LEVEL: 'info' }, [], { cwd: there });
    assert.ok(stdout.includes(`\nSettings (.env file: ${join(there, '.env')})\n`));
    assert.match(stdout, /OTEL_SERVICE_NAME +shop {2}\[OTEL_SERVICE_NAME \(.*\.env\)\]/);
    assert.match(
      stdout,
      /OTEL_LOG_LEVEL +info {2}\[OTEL_LOG_LEVEL \(environment\), overrides OTEL_LOG_LEVEL \(.*\.env\)\]/,
    );
    const { stdout: all } = await run({}, ['--all'], { cwd: there });
    assert.match(all, /CANVASOPS_EXIT_TIMEOUT +500 {2}\[default\]/);
  });
  it('a warning leaves the exit code at 0, and has a code, a why and a fix', async () => {
    const { code, stdout } = await run({ JAEGER_PORT: '4318' });
    assert.equal(code, 0);
    assert.match(stdout, /^1 warning\.\n/);
    assert.match(
      stdout,
      /warning JAEGER_HOST_DEFAULTED {2}JAEGER_HOST\n {4}why: .+\n {4}fix: Set JAEGER_HOST=localhost .+\n/,
    );
  });
  it('an error makes it 1, and errors come first', async () => {
    const { code, stdout } = await run({
      OTEL_LOGS_EXPORTER: 'otlp',
      JAEGER_HOST: 'j',
      JAEGER_PORT: '14268',
    });
    assert.equal(code, 1);
    assert.ok(stdout.indexOf('error JAEGER_PORT_WRONG') < stdout.indexOf('warning SIGNAL_NOT_SENT'));
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
  it('packages, too', async () => {
    const env = {
      OTEL_NODE_RESOURCE_DETECTORS: 'host,azure',
      CANVASOPS_INSTRUMENTATIONS: '@opentelemetry/instrumentation-kao,auto-instrumentations-node',
    };
    const { code, stdout } = await run({ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c', ...env });
    assert.equal(code, 1);
    assert.match(stdout, /DETECTOR_MISSING[\s\S]*npm i @opentelemetry\/resource-detector-azure/);
    assert.match(stdout, /HOSTED_PACKAGE_MISSING[\s\S]*instrumentation-kao/);
    assert.equal(stdout.split('HOSTED_PACKAGE_MISSING').length, 3);
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

describe('packages to be hosted', () => {
  const check = async (names: string, there = cwd) => {
    const { code, stdout } = await run({ CANVASOPS_INSTRUMENTATIONS: names }, ['--json'], { cwd: there });
    const { problems } = JSON.parse(stdout) as { problems: { code: string; why: string; fix: string }[] };
    return { code, problems };
  };
  const install = (name: string) => {
    const home = join(cwd, 'node_modules', name);
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'package.json'), JSON.stringify({ name, main: 'index.js' }));
    writeFileSync(join(home, 'index.js'), '');
  };
  it('are fine where they are installed, also above the directory', async () => {
    install('@opentelemetry/instrumentation-graphql');
    mkdirSync(join(cwd, 'sub', 'dir'), { recursive: true });
    const { code, problems } = await check('@opentelemetry/instrumentation-graphql', join(cwd, 'sub', 'dir'));
    assert.deepEqual([code, problems], [0, []]);
  });
  it('are told where they are not', async () => {
    const { code, problems } = await check('@opentelemetry/instrumentation-graphql,@acme/instrumentation-x');
    assert.equal(code, 1);
    assert.deepEqual(
      problems.map((problem) => problem.code),
      ['HOSTED_PACKAGE_MISSING'],
    );
    assert.match(problems[0]?.why ?? '', /`@acme\/instrumentation-x` is not installed/);
  });
  const fixes: [written: string, fix: RegExp][] = [
    ['@opentelemetry/instrumentation-grapqhl', /Did you mean `@opentelemetry\/instrumentation-graphql`/],
    ['graphql', /Write `@opentelemetry\/instrumentation-graphql`/],
    ['koa', /Install `@opentelemetry\/instrumentation-koa`/],
  ];
  for (const [written, fix] of fixes) {
    it(`${written}: ${fix.source.replaceAll('\\', '')}`, async () => {
      assert.match((await check(written)).problems[0]?.fix ?? '', fix);
    });
  }
});

describe('colour', () => {
  const coloured = (text: string) => text.includes('\u001b');
  it('only on a terminal, and not where NO_COLOR is set', async () => {
    const env = { OTEL_LOGS_EXPORTER: 'otlp' };
    assert.equal(coloured((await run(env)).stdout), false);
    assert.equal(coloured((await run(env, [], { stdoutIsTTY: true })).stdout), true);
    assert.equal(coloured((await run({ ...env, NO_COLOR: '1' }, [], { stdoutIsTTY: true })).stdout), false);
    assert.equal(coloured((await run(env, ['--json'], { stdoutIsTTY: true })).stdout), false);
  });
});
