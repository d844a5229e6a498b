/** Prisma's own instrumentation beside ours, and calls of several requests in one tick. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverEnv, skipWithout } from '../helpers/needs';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { runToExit } from '../helpers/run-app';
import { drawTree } from '../helpers/tree';

test('operations and statements have one span each, below their own request', {
  skip: skipWithout('postgres'),
}, async () => {
  const receiver = await startOtlpReceiver();
  const { code, stderr } = await runToExit({
    entry: 'fixtures/prisma/official.cjs',
    env: serverEnv('postgres'),
    otlp: receiver.url,
  });
  await receiver.close();
  assert.deepEqual([code, stderr], [0, '']);
  const spans = receiver
    .spans()
    .filter(({ name }) => !/^prisma:client:(serialize|compile|connect|disconnect)$/.test(name))
    .map((span) => ({ ...span, name: span.name.replace(/t\d+_/, '') }));
  assert.equal(
    drawTree(spans, { order: 'text' }),
    [
      'internal first',
      '  internal User.read',
      '    client SELECT "public"."users"',
      'internal prisma:client:operation',
      '  client CREATE TABLE posts',
      'internal prisma:client:operation',
      '  client CREATE TABLE users',
      'internal prisma:client:operation',
      '  client DROP TABLE posts',
      'internal prisma:client:operation',
      '  client DROP TABLE users',
      'internal second',
      '  internal Post.read',
      '    client SELECT "public"."posts"',
    ].join('\n'),
  );
});
