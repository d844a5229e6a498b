/** Real instrumentation packages of others, from CommonJS and ESM (CANVASOPS_INSTRUMENTATIONS). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipWithout } from '../helpers/needs';
import { drawTree } from '../helpers/tree';
import { CASES, checkHosted, OPENINFERENCE, runHosted } from './hosted-harness';

const chat = { packages: 'openai', app: 'openai', names: OPENINFERENCE, path: '/chat' } as const;

for (const which of CASES) {
  for (const form of ['cjs', 'mjs'] as const) {
    const skip = which.needs === undefined ? false : skipWithout(which.needs);
    test(`${which.names}, ${which.path}, ${form}`, { skip }, () => checkHosted(which, { form }));
  }
}

test('the span of the request has the route that a hosted framework found, as name and attribute', async () => {
  const koa = { packages: 'official', app: 'koa', names: '@opentelemetry/instrumentation-koa' } as const;
  const { spans } = await runHosted({ ...koa, path: '/users/7' }, { form: 'mjs' });
  const request = spans.find(({ kind }) => kind === 'server');
  assert.equal(request?.attributes['http.route'], '/users/:id');
  const none = await runHosted({ ...koa, path: '/nowhere' }, { form: 'mjs' });
  assert.equal(none.answer.status, 404);
  const missed = none.spans.find(({ kind }) => kind === 'server');
  assert.equal(missed?.name, 'GET');
  assert.equal(missed?.attributes['http.route'], undefined);
});

describe('what the .env file says', () => {
  const hides = 'OPENINFERENCE_HIDE_INPUTS=true\n';
  for (const [where, options] of [
    ['in the environment', { env: { OPENINFERENCE_HIDE_INPUTS: 'true' } }],
    ['in the .env file', { envFile: hides }],
  ] as const) {
    test(`OPENINFERENCE_HIDE_INPUTS ${where} keeps prompts out of the spans`, async () => {
      const { spans, stderr } = await runHosted(chat, { form: 'mjs', ...options });
      const span = spans.find(({ scope }) => scope.name === OPENINFERENCE);
      assert.equal(span?.attributes['input.value'], '__REDACTED__');
      assert.ok(!JSON.stringify(spans.map(({ attributes }) => attributes)).includes('What is a span?'));
      assert.equal(stderr, '');
    });
  }

  test('without it they have them', async () => {
    const { spans } = await runHosted(chat, { form: 'mjs' });
    const span = spans.find(({ scope }) => scope.name === OPENINFERENCE);
    assert.match(String(span?.attributes['input.value']), /What is a span\?/);
  });

  test('a variable that cannot reach a hosted instrumentation is named in one line', async () => {
    const { spans, stderr } = await runHosted(chat, {
      form: 'cjs',
      envFile: 'OTEL_INSTRUMENTATION_OTHER=true\nOTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS=GET,POST\n',
    });
    assert.equal(spans.length, 3);
    assert.match(
      stderr,
      /^\[canvasops\] OTEL_INSTRUMENTATION_OTHER is set in the \.env file, .*node --env-file=\.env[^\n]*\n$/,
    );
  });
});

test('the app gets the copy of import-in-the-middle that it installed', async () => {
  const { answer } = await runHosted({ ...chat, path: '/hook-version' }, { form: 'cjs' });
  assert.equal(answer.json().isOurs, false, answer.text);
});

test('an unsampled request stays one, with a route and without', async () => {
  const { spans, answer, stderr } = await runHosted(
    {
      packages: 'official',
      app: 'koa',
      names: '@opentelemetry/instrumentation-koa',
      path: '/users/7',
    },
    { form: 'cjs', env: { OTEL_TRACES_SAMPLER: 'always_off' } },
  );
  assert.equal(answer.status, 200);
  assert.equal(drawTree(spans), '');
  assert.equal(stderr, '');
});
