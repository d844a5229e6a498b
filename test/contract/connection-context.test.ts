/** A connection that a request opened belongs to no request: what comes in on it later is everybody's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverUrl, skipWithout } from '../helpers/needs';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { runToExit } from '../helpers/run-app';

const programs = [
  { folder: 'express-pg', server: 'postgres', seen: ['in the request: true', 'notice: false'] },
  { folder: 'mysql2', server: 'mariadb', seen: ['in the request: true'] },
] as const;

for (const { folder, server, seen } of programs) {
  test(`a pool of ${server}`, { skip: skipWithout(server) }, async () => {
    const receiver = await startOtlpReceiver();
    const entry = `fixtures/${folder}/connection-context.cjs`;
    const { stdout, stderr, code } = await runToExit({
      entry,
      env: { DATABASE_URL: serverUrl(server) },
      otlp: receiver.url,
    });
    const spans = receiver.spans();
    await receiver.close();
    assert.equal(code, 0, stderr);
    assert.deepEqual(stdout.trim().split('\n'), [...seen, 'end of the connection: false']);
    const [request] = spans.filter(({ kind }) => kind === 'server');
    const statements = spans.filter(({ attributes }) => attributes['db.system.name'] !== undefined);
    assert.ok(statements.length > 0);
    for (const { parentSpanId } of statements) assert.equal(parentSpanId, request?.spanId);
  });
}
