/**
 * Programs that hand over, throw and do what is not foreseen, a line of output per case: each line is the same with
 * and without tracing, and tracing still works after the last one.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ServerName, serverEnv, skipWithout } from '../helpers/needs';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { runToExit } from '../helpers/run-app';

interface Program {
  readonly entry: string;
  /** How many cases it has at least. */
  readonly cases: number;
  readonly server?: ServerName;
}

const programs: Record<string, Program> = {
  'arguments of http.request() and get()': { entry: 'http/arguments', cases: 130 },
  'arguments of fetch() and undici': { entry: 'undici/arguments', cases: 250 },
  'arguments of pg': { entry: 'express-pg/arguments', cases: 130, server: 'postgres' },
  'arguments of mysql2': { entry: 'mysql2/arguments', cases: 150, server: 'mariadb' },
  'arguments of ioredis': { entry: 'ioredis/arguments', cases: 130, server: 'redis' },
  'what handlers of express 4 throw': { entry: 'express-4/thrown', cases: 90 },
  'what handlers of express 5 throw': { entry: 'express-pg/thrown', cases: 90 },
  'what handlers of fastify throw': { entry: 'fastify/thrown', cases: 70 },
  'what is read of requests and sockets': { entry: 'http/observed', cases: 17 },
  "what is seen of Node's own client and server": { entry: 'http/semantics', cases: 20 },
  'tools for tests, which stand in for requests and servers': { entry: 'test-tools/tools', cases: 9 },
};

for (const [name, { entry, cases, server }] of Object.entries(programs)) {
  test(name, { skip: server === undefined ? false : skipWithout(server) }, async () => {
    const receiver = await startOtlpReceiver();
    const run = {
      entry: `fixtures/${entry}-cases.cjs`,
      env: {
        ...(server && serverEnv(server)),
        // What is not answered in time is said to be lost, and the tests of others run beside this one.
        CANVASOPS_EXIT_TIMEOUT: '10000',
      },
    };
    const [bare, traced] = await Promise.all([
      runToExit({ ...run, flag: 'none' }),
      runToExit({ ...run, otlp: receiver.url }),
    ]);
    await receiver.close();
    assert.deepEqual([bare.code, traced.code], [0, 0], `${bare.stderr}${traced.stderr}`);
    const [expected, actual] = [bare, traced].map(({ stdout }) => stdout.trim().split('\n'));
    assert.ok(expected !== undefined && expected.length >= cases, `${expected?.length} cases`);
    for (const [at, line] of expected.entries()) assert.equal(actual?.[at], line);
    // Nothing was switched off on the way: a line of ours would say so.
    assert.doesNotMatch(traced.stderr, /canvasops/);
    assert.ok(receiver.spans().length > cases / 4, `${receiver.spans().length} spans`);
  });
}
