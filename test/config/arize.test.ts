import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codes, ids, loadFrom, otlpDestination, problemWith } from './loading';

describe('Arize', () => {
  const id = 'U3BhY2U6MTIzOmFiYw==';
  const complete = { ARIZE_API_KEY: 'key', ARIZE_SPACE_ID: id };

  it('needs two variables and sets the rest by itself', () => {
    const loaded = loadFrom(complete);
    assert.deepEqual(codes(loaded), []);
    assert.deepEqual(loaded.config.destinations, [
      {
        id: 'arize',
        label: 'Arize',
        transport: 'otlp',
        protocol: 'http/protobuf',
        url: 'https://otlp.arize.com/v1/traces',
        headers: {
          authorization: 'key',
          api_key: 'key',
          'arize-api-key': 'key',
          'arize-space-id': id,
          space_id: id,
          'arize-interface': 'node',
        },
        compression: 'none',
        timeoutMs: 10000,
        tls: {},
        resourceAttributes: {
          'openinference.project.name': 'default',
          model_id: 'default',
          'arize.project.name': 'default',
        },
        dialect: 'openinference',
        uiUrl: 'https://app.arize.com',
        implicit: false,
      },
    ]);
  });
  it('takes the project by name', () => {
    const { resourceAttributes } = otlpDestination(
      loadFrom({ ...complete, ARIZE_PROJECT_NAME: 'shop' }),
      'arize',
    );
    assert.deepEqual(resourceAttributes, {
      'openinference.project.name': 'shop',
      model_id: 'shop',
      'arize.project.name': 'shop',
    });
  });
  const regions: [region: string, url: string, label: string][] = [
    ['us', 'https://otlp.arize.com/v1/traces', 'Arize'],
    ['eu', 'https://otlp.eu-west-1a.arize.com/v1/traces', 'Arize (EU)'],
    ['EU-West-1a', 'https://otlp.eu-west-1a.arize.com/v1/traces', 'Arize (EU)'],
    ['ca', 'https://otlp.ca-central-1a.arize.com/v1/traces', 'Arize (Canada)'],
    ['ca-central-1a', 'https://otlp.ca-central-1a.arize.com/v1/traces', 'Arize (Canada)'],
    ['us-central-1a', 'https://otlp.us-central-1a.arize.com/v1/traces', 'Arize (US central)'],
  ];
  for (const [region, url, label] of regions) {
    it(`region ${region}`, () => {
      const found = otlpDestination(loadFrom({ ...complete, ARIZE_REGION: region }), 'arize');
      assert.deepEqual([found.url, found.label], [url, label]);
    });
  }
  const endpoints: [endpoint: string, url: string, protocol: string][] = [
    ['https://otlp.arize.com', 'https://otlp.arize.com/v1/traces', 'http/protobuf'],
    ['https://otlp.arize.com/v1', 'https://otlp.arize.com/v1/traces', 'http/protobuf'],
    ['https://otlp.arize.com/v1/', 'https://otlp.arize.com/v1/traces', 'http/protobuf'],
    ['https://otlp.arize.com/v1/traces', 'https://otlp.arize.com/v1/traces', 'http/protobuf'],
    ['https://arize.internal/ax', 'https://arize.internal/ax/v1/traces', 'http/protobuf'],
    ['grpcs://otlp.arize.com', 'https://otlp.arize.com:443', 'grpc'],
    ['otlp.arize.com', 'https://otlp.arize.com/v1/traces', 'http/protobuf'],
  ];
  for (const [endpoint, url, protocol] of endpoints) {
    it(`own endpoint ${endpoint}`, () => {
      const found = otlpDestination(loadFrom({ ...complete, ARIZE_COLLECTOR_ENDPOINT: endpoint }), 'arize');
      assert.deepEqual(
        [found.url, found.protocol, found.label, found.uiUrl],
        [url, protocol, 'Arize (own endpoint)', undefined],
      );
    });
  }
  const halves: [env: Record<string, string>, missing: RegExp][] = [
    [{ ARIZE_API_KEY: 'key' }, /ARIZE_SPACE_ID is missing/],
    [{ ARIZE_SPACE_ID: id }, /ARIZE_API_KEY is missing/],
    [{ ARIZE_SPACE_KEY: 'space' }, /ARIZE_API_KEY is missing/],
    [{ ARIZE_COLLECTOR_ENDPOINT: 'https://otlp.arize.com' }, /ARIZE_API_KEY and ARIZE_SPACE_ID is missing/],
    [{ ARIZE_API_KEY: 'k\u0001y', ARIZE_SPACE_ID: id }, /ARIZE_API_KEY is missing or unusable/],
  ];
  for (const [env, missing] of halves) {
    it(`half configured by ${Object.keys(env).join(', ')}`, () => {
      const loaded = loadFrom(env);
      assert.deepEqual(ids(loaded), [], 'and not localhost either');
      const { severity, why } = problemWith(loaded, 'ARIZE_INCOMPLETE');
      assert.equal(severity, 'error');
      assert.match(why, missing);
    });
  }
  it('the project or the region alone configures nothing', () => {
    assert.equal(otlpDestination(loadFrom({ ARIZE_PROJECT_NAME: 'a', ARIZE_REGION: 'eu' })).implicit, true);
  });
  it("a space's name in place of its id is warned of", () => {
    const problem = problemWith(
      loadFrom({ ARIZE_API_KEY: 'key', ARIZE_SPACE_ID: 'my space' }),
      'ARIZE_SPACE_NAME',
    );
    assert.equal(problem.severity, 'warning');
    assert.match(problem.why, /200/);
    assert.ok(!problem.why.includes('my space'));
  });
  it('the older space key still works', () => {
    const loaded = loadFrom({ ARIZE_API_KEY: 'key', ARIZE_SPACE_KEY: 'old' });
    assert.equal(otlpDestination(loaded, 'arize').headers.space_id, 'old');
    assert.equal(problemWith(loaded, 'ARIZE_SPACE_NAME').severity, 'warning');
  });
});
