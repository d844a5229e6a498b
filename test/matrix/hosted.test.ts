/** Hosted instrumentations on every Node line, and the whole official distribution as one name. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CASES, checkHosted, HAPI_TREE, runHosted } from '../contract/hosted-harness';
import { skipWithout } from '../helpers/needs';
import type { NodeVersion } from '../helpers/node-versions';
import { drawTree } from '../helpers/tree';

const versions: NodeVersion[] = ['20', '22', '24', '26'];
const DISTRIBUTION = '@opentelemetry/auto-instrumentations-node';

for (const node of versions) {
  describe(`Node ${node}`, () => {
    for (const which of CASES) {
      for (const form of ['cjs', 'mjs'] as const) {
        const skip = which.needs === undefined ? false : skipWithout(which.needs);
        test(`${which.names}, ${which.path}, ${form}`, { skip }, () => checkHosted(which, { form, node }));
      }
    }
  });
}

describe(DISTRIBUTION, () => {
  const hapi = { packages: 'distribution', app: 'hapi', names: DISTRIBUTION, path: '/users/7' } as const;

  for (const form of ['cjs', 'mjs'] as const) {
    test(`all that it has for this app, ${form}`, async () => {
      await checkHosted({ ...hapi, tree: HAPI_TREE }, { form });
    });
  }

  test('its short name will do', async () => {
    await checkHosted({ ...hapi, names: 'auto-instrumentations-node', tree: HAPI_TREE }, { form: 'cjs' });
  });

  test('what ours makes and what the app does not have is not loaded', async () => {
    const { stderr } = await runHosted(hapi, { form: 'cjs', env: { CANVASOPS_LOG_LEVEL: 'debug' } });
    for (const name of ['dns', 'hapi', 'net', 'pino'])
      assert.match(stderr, new RegExp(`hosting @opentelemetry/instrumentation-${name} for`));
    for (const name of ['pg', 'http', 'undici', 'express', 'koa', 'redis', 'amqplib', 'runtime-node'])
      assert.doesNotMatch(stderr, new RegExp(`hosting @opentelemetry/instrumentation-${name} for`));
    assert.match(stderr, /instrumentation-pg is not hosted: ours makes its spans/);
    assert.match(stderr, /instrumentation-amqplib is not hosted: its library is not installed/);
  });

  for (const [where, options] of [
    ['environment', { env: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'hapi' } }],
    ['.env file', { envFile: 'OTEL_NODE_DISABLED_INSTRUMENTATIONS=hapi\n' }],
  ] as const) {
    test(`OTEL_NODE_DISABLED_INSTRUMENTATIONS in the ${where}`, async () => {
      const { spans } = await runHosted(hapi, { form: 'cjs', ...options });
      assert.equal(drawTree(spans), 'server GET');
    });
  }

  test('OTEL_NODE_ENABLED_INSTRUMENTATIONS chooses among theirs and ours', async () => {
    const env = { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,hapi' };
    const { spans } = await runHosted(hapi, { form: 'mjs', env });
    assert.equal(drawTree(spans), HAPI_TREE);
  });

  test('half of ours switched off, theirs makes that half', async () => {
    const env = { CANVASOPS_INSTRUMENTATIONS_DISABLED: 'http-server', CANVASOPS_LOG_LEVEL: 'none' };
    const { spans } = await runHosted(hapi, { form: 'cjs', env });
    const request = spans.find(({ kind }) => kind === 'server');
    assert.equal(request?.scope.name, '@opentelemetry/instrumentation-http');
    assert.equal(request?.attributes['http.route'], '/users/{id}');
  });
});
