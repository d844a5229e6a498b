/** A server like that of Next.js, whose own spans name the route too late. Next itself is in test/matrix/next.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  assertFailures,
  assertRoutes,
  assertSameBehaviour,
  type Failure,
  thrown,
  withApp,
} from './framework-harness';

const entry = 'fixtures/next/app.cjs';

const routes: Record<string, string> = {
  'GET /items/5': '/items/[id]',
  'GET /docs/a/b': '/docs/[...slug]',
  'GET /nowhere': '',
  'GET /404': '',
  'GET /by-middleware': '',
  'GET /hello.txt': '',
};

const failures: Record<string, Failure> = {
  'GET /boom': thrown(500, '/boom', 'TypeError: thrown by a page'),
  'GET /replaced/7': thrown(500, '/replaced/[id]', 'RangeError: thrown by getServerSideProps'),
};

test('a request has one server span, with the route of its page and its errors', async () => {
  await withApp(entry, {}, async (ask) => {
    await assertRoutes(ask, routes);
    await assertFailures(ask, failures);
  });
});

test("the server span is Next's where ours is switched off", async () => {
  await withApp(entry, { CANVASOPS_INSTRUMENTATIONS_DISABLED: 'http' }, async (_ask, receiver, app) => {
    await app.get('/items/5');
    const [span] = await receiver.waitForSpans((all) => all.length > 0);
    assert.deepEqual([span?.scope.name, span?.kind, span?.name], ['next.js', 'server', 'GET /items/5']);
  });
});

test('clients get the same answers', () =>
  assertSameBehaviour('fixtures/next/behaviour.cjs', (spans) => spans.length > 10));
