import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ROWS } from '../../src/config/settings';
import { cwd, run, type Variables } from './checking';

describe('no secret is ever printed', () => {
  const secrets: Variables[] = [
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c', OTEL_EXPORTER_OTLP_HEADERS: 'authorization=CANARY,x=CANARY' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c', OTEL_EXPORTER_OTLP_HEADERS: 'CANARY' },
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c',
      OTEL_EXPORTER_OTLP_HEADERS: 'Authorization: Bearer CANARY==',
    },
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic abc,CANARY=def',
    },
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'a=CANARY%0aCANARY,CANARY=,=CANARY,%zzCANARY=1',
    },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_EXPORTER_OTLP_HEADERS: 'authorization=CANARY' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://user:CANARY@c' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://CANARY@c' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://user:CAN/ARY-CANARY@c' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://user:1?CANARY@c' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://user:1#CANARY@c' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://user:CANARY@c:port' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://user:CAN ARY CANARY@c' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'user:CANARY@c:4318' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'ftp://user:CANARY@c' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'CANARY://c' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: '"https://user:CANARY@c"' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c/?api_key=CANARY' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c/?CANARY' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c/#CANARY' },
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://u:CANARY@c/x?sig=CANARY#CANARY' },
    { OTLP_ENDPOINT: 'https://u:CANARY@c:4317?x=CANARY', OTLP_API_KEY: 'CANARY' },
    { OTLP_ENDPOINT: 'http://c:4317', OTLP_API_KEY: 'CANARY\nCANARY' },
    { OTLP_API_KEY: 'CANARY' },
    { JAEGER_HOST: 'http://u:CANARY@j:4318' },
    { JAEGER_HOST: 'u:CANARY@j', JAEGER_PORT: '6831' },
    { ARIZE_API_KEY: 'CANARY', ARIZE_SPACE_ID: 'CANARY' },
    {
      ARIZE_API_KEY: 'CANARY',
      ARIZE_SPACE_KEY: 'CANARY',
      ARIZE_COLLECTOR_ENDPOINT: 'https://u:CANARY@a?CANARY',
    },
    { ARIZE_API_KEY: 'CANARY' },
    { ARIZE_SPACE_ID: 'CANARY\u0000CANARY' },
    {
      PHOENIX_COLLECTOR_ENDPOINT: 'https://u:CANARY@p?CANARY=1',
      PHOENIX_API_KEY: 'CANARY',
      PHOENIX_CLIENT_HEADERS: 'api_key=CANARY,CANARY',
    },
    { PHOENIX_API_KEY: 'CANARY' },
    { OTEL_RESOURCE_ATTRIBUTES: 'api.token=CANARY,db.password=CANARY,CANARY' },
    { OTEL_TRACE_SAMPLER: 'CANARY', CANVASOPS_API_KEY: 'CANARY', OTEL_EXPORTER_OTLP_HEADER: 'a=CANARY' },
  ];
  for (const env of secrets) {
    for (const args of [[], ['--json']]) {
      it(`${JSON.stringify(env)} ${args.join('')}`, async () => {
        const inEnvironment = await run(env, args);
        const there = mkdtempSync(join(cwd, 'canary-'));
        const lines = Object.entries(env).map(([name, value]) => `${name}='${value}'`);
        writeFileSync(join(there, '.env'), lines.join('\n'));
        const inFile = await run({}, args, { cwd: there });
        for (const { stdout, stderr } of [inEnvironment, inFile]) {
          const printed = (stdout + stderr).replaceAll(there, '').toUpperCase();
          assert.ok(
            !printed.includes('CANARY'),
            printed.slice(Math.max(0, printed.indexOf('CANARY') - 200), printed.indexOf('CANARY') + 50),
          );
          assert.ok(!printed.includes(Buffer.from('user:CANARY').toString('base64').toUpperCase()));
        }
      });
    }
  }
});

it('hostile values cannot forge lines or move the cursor', async () => {
  const evil = '\u001b[2J\u001b[31mx\r\n  error FORGED  X\u202e\u0000\u009b31m';
  const env = Object.fromEntries(ROWS.flatMap(([, row]) => row.names.map((name) => [name, evil])));
  const { stdout } = await run({ ...env, [`OTEL_${evil}`]: 'x', CANVASOPS_ENV_FILE: evil });
  for (const char of ['\u001b', '\r', '\u202e', '\u0000', '\u009b'])
    assert.ok(!stdout.includes(char), JSON.stringify(char));
  assert.ok(!stdout.includes('\n  error FORGED'));
});
