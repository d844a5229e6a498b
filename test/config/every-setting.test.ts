/** Whatever is wrong with a setting, its name or its value, check-config says so. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ROWS, type SettingId } from '../../src/config/settings';
import { run, type Variables } from './checking';

/** No text of these is wrong by itself. */
const FREE_TEXT = undefined;

const WRONG: Record<SettingId, string | undefined> = {
  enabled: 'yes',
  logLevel: 'loud',
  envFile: './nowhere.env',
  serviceName: FREE_TEXT,
  resourceAttributes: 'team',
  resourceDetectors: 'hots',
  propagators: 'tracecontxt',
  sampler: 'ratio',
  requireParent: 'blocked',
  samplerRatio: '10%',
  enabledInstrumentations: 'postgresql',
  disabledInstrumentations: 'postgresql',
  instrumentations: '@opentelemetry/instrumentation-not-installed',
  knownMethods: 'GET POST',
  attributeCount: 'many',
  attributeValueLength: '1k',
  eventCount: '-1',
  linkCount: '1.5',
  attributePerEventCount: 'many',
  attributePerLinkCount: 'many',
  ignorePaths: 'health',
  captureUser: 'no',
  captureRequestHeaders: 'x-request-id accept',
  captureResponseHeaders: 'x request id',
  redactKeys: FREE_TEXT,
  dbParameters: '1',
  dbConnectionWait: 'long',
  dbRepeatedStatements: 'many',
  propagateTo: 'https://api.example.com',
  tracesExporter: 'oltp',
  customExporter: './nope.mjs',
  exitTimeoutMs: '1s',
  maxQueueBytes: '16MB',
  spoolDir: FREE_TEXT,
  spoolMaxBytes: '10',
  scheduleDelayMs: '5s',
  exportTimeoutMs: '-1',
  maxQueueSize: '0',
  maxBatchSize: '0',
  otlpEndpoint: 'ftp://collector',
  otlpProtocol: 'http',
  otlpTracesHeaders: 'x-key',
  otlpHeaders: 'x-key',
  otlpApiKey: 'a\nb',
  otlpTimeoutMs: 'long',
  otlpCompression: 'zip',
  otlpCertificate: './nope.pem',
  otlpClientKey: './nope.pem',
  otlpClientCertificate: './nope.pem',
  otlpInsecure: '1',
  jaegerHost: 'ftp://jaeger',
  jaegerPort: 'http',
  arizeApiKey: 'a\nb',
  arizeSpace: 'a\nb',
  arizeProject: FREE_TEXT,
  arizeEndpoint: 'ftp://arize',
  arizeRegion: 'europe',
  phoenixEndpoint: 'ftp://phoenix',
  phoenixApiKey: 'a\nb',
  phoenixHeaders: 'x-key',
  phoenixProject: FREE_TEXT,
};

/** What else must be set for a value to matter. */
const ALONGSIDE: Partial<Record<SettingId, Variables>> = {
  arizeEndpoint: { ARIZE_API_KEY: 'key', ARIZE_SPACE_ID: 'U3BhY2U6MTox' },
};

async function check(env: Variables) {
  const { code, stdout } = await run(env, ['--json']);
  const { problems } = JSON.parse(stdout) as {
    problems: { severity: string; variable: string; code: string; fix: string }[];
  };
  return { code, problems };
}

for (const [id, { names }] of ROWS) {
  for (const variable of names) {
    describe(variable, () => {
      const mistyped = variable.slice(0, -1);
      it(`mistyped as ${mistyped}`, async () => {
        const { code, problems } = await check({ [mistyped]: 'x' });
        assert.equal(code, 1);
        const [problem] = problems;
        assert.equal(problem?.code, 'UNKNOWN_VARIABLE');
        assert.equal(problem.variable, mistyped);
        assert.equal(problem.fix, `Did you mean ${variable}?`);
      });
      const value = WRONG[id];
      if (value === FREE_TEXT) return;
      it(`with the value ${JSON.stringify(value)}`, async () => {
        const { code, problems } = await check({ ...ALONGSIDE[id], [variable]: value });
        assert.equal(code, 1);
        assert.ok(
          problems.some((problem) => problem.severity === 'error' && problem.variable === variable),
          JSON.stringify(problems),
        );
      });
    });
  }
}
