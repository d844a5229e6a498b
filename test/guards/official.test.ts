/** The official instrumentations beside ours; the whole distributions are in the matrix. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromRoot } from '../helpers/paths';
import { assertUnaffected } from './unaffected';

const official = ['--require', fromRoot('fixtures/guards/official.cjs')];
const says =
  /^\[canvasops\] @opentelemetry\/instrumentation-\w+ is here too; spans that it would repeat are left out\./;

test('enabled before the preload they repeat nothing', async () => {
  // The tracer that they got then is one that makes no spans.
  const { spans } = await assertUnaffected({ by: '--require', before: official });
  for (const { scope } of spans) assert.match(scope.name, /^@canvasops\/register\//);
});

test('enabled after the preload they repeat nothing, which is said once', async () => {
  const { spans } = await assertUnaffected({ by: '--require', after: official, says });
  for (const { scope } of spans) assert.match(scope.name, /^@canvasops\/register\//);
});

test('ours switched off, theirs go on in the same way', async () => {
  const env = { CANVASOPS_INSTRUMENTATIONS_DISABLED: 'http,undici' };
  const { spans } = await assertUnaffected({ by: '--require', after: official, env });
  for (const { scope } of spans) assert.match(scope.name, /^@opentelemetry\/instrumentation-/);
});

test('half of ours switched off, theirs make that half', async () => {
  const env = { CANVASOPS_INSTRUMENTATIONS_DISABLED: 'http-client' };
  const { spans } = await assertUnaffected({ by: '--require', after: official, env, says });
  const scopes = spans.map(({ kind, scope }) => `${kind} ${scope.name}`).sort();
  assert.deepEqual(scopes, [
    'client @canvasops/register/undici',
    'client @opentelemetry/instrumentation-http',
    'server @canvasops/register/http-server',
    'server @canvasops/register/http-server',
  ]);
});
