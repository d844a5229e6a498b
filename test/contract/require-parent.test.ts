/** What makes no trace of its own (CANVASOPS_REQUIRE_PARENT), and what an app sees of itself all the same. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { serverUrl, skipWithout } from '../helpers/needs';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { runToExit } from '../helpers/run-app';
import type { ReceivedSpan } from '../helpers/span';
import { startUpstream } from '../helpers/upstream';

interface Run {
  spans: ReceivedSpan[];
  stdout: string;
}

async function run(entry: string, env: Record<string, string>, args: string[] = []): Promise<Run> {
  const receiver = await startOtlpReceiver();
  try {
    const { code, stdout, stderr } = await runToExit({ entry, args, env, otlp: receiver.url });
    assert.deepEqual([code, stderr], [0, '']);
    const spans = receiver.spans().sort((a, b) => (a.startNs < b.startNs ? -1 : 1));
    return { spans, stdout };
  } finally {
    await receiver.close();
  }
}

const names = ({ spans }: Run): string[] => spans.map(({ name }) => name);
const failed = ({ spans }: Run): string[] =>
  spans.filter(({ status }) => status.code === 'error').map(({ name }) => name);

/** A package that does what BullMQ does: scripts of its own, and plain commands, on a client of the app's. */
const folder = mkdtempSync(path.join(os.tmpdir(), 'canvasops-queue-'));
const QUEUE_PACKAGE = path.join(folder, 'node_modules/queue-package');
mkdirSync(QUEUE_PACKAGE, { recursive: true });
writeFileSync(
  path.join(QUEUE_PACKAGE, 'index.js'),
  `module.exports = async (redis, key) => {
    redis.defineCommand('takeJob', { numberOfKeys: 1, lua: 'return redis.call("LPOP", KEYS[1])' });
    await redis.takeJob(key);
    await redis.hset(key + ':meta', 'version', 1);
    await redis.pipeline().del(key).del(key + ':meta').exec();
  };`,
);
after(() => rmSync(folder, { recursive: true }));

const redis = { skip: skipWithout('redis') };
const own = ['SET', 'PIPELINE', 'PUBLISH', 'XREAD', 'EVAL', 'GET', 'INCR', 'BLPOP'];
const connection = ['PING', 'INFO', 'CLIENT', 'PIPELINE', 'SUBSCRIBE', 'QUIT', 'PING', 'QUIT', 'QUIT'];
const blocking = ['BRPOP', 'XREAD', 'BLPOP', 'BLPOP'];
const library = ['EVAL', 'HSET', 'PIPELINE DEL'];

for (const form of ['cjs', 'mjs']) {
  const entry = `fixtures/ioredis/without-parent.${form}`;
  const env = (required: string): Record<string, string> => ({
    REDIS_URL: serverUrl('redis'),
    QUEUE_PACKAGE,
    CANVASOPS_REQUIRE_PARENT: required,
  });

  test(`a script that uses Redis shows what it asks, ${form}`, redis, async () => {
    const result = await run(entry, env(''));
    assert.deepEqual(names(result), own.slice(0, -1));
    for (const { parentSpanId } of result.spans) assert.equal(parentSpanId, '');
    assert.ok(result.stdout.includes('0 stacks, Error is as it was'), result.stdout);
  });

  test(`CANVASOPS_REQUIRE_PARENT=none shows every command, ${form}`, redis, async () => {
    const result = await run(entry, env('none'));
    const all = [...own.slice(0, -1), ...connection, ...blocking, ...library];
    assert.deepEqual(names(result).sort(), all.sort());
  });

  test(`each purpose is left out on its own, ${form}`, redis, async () => {
    const all = names(await run(entry, env('none'))).sort();
    for (const [required, left] of Object.entries({ blocking, connection, library })) {
      const some = names(await run(entry, env(required)));
      assert.deepEqual([...some, ...left].sort(), all, required);
    }
    assert.deepEqual(names(await run(entry, env('database'))), []);
  });

  test(`below a span every command is shown, ${form}`, redis, async () => {
    const result = await run(entry, env(''), ['below']);
    const [job, ...commands] = result.spans;
    assert.equal(job?.name, 'job');
    assert.deepEqual(
      names({ ...result, spans: commands }).sort(),
      names(await run(entry, env('none'))).sort(),
    );
    for (const { parentSpanId } of commands) assert.equal(parentSpanId, job?.spanId);
  });

  test(
    `a command that the app's own closing ends has not failed, one that is lost has, ${form}`,
    redis,
    async () => {
      const result = await run(entry, env('none'));
      for (const name of ['blpop', 'incr', 'quit', 'late'])
        assert.ok(result.stdout.includes(`${name} Connection is closed.`), name);
      // The BLPOP is the one that was called after the end.
      assert.deepEqual(failed(result), ['INCR', 'BLPOP']);
    },
  );
}

const ownOfPg = ['SELECT', 'NOTIFY', 'CREATE TABLE jobs', 'SELECT', 'SELECT'];

test('a script that uses PostgreSQL shows what it asks', { skip: skipWithout('postgres') }, async () => {
  const entry = 'fixtures/express-pg/without-parent.cjs';
  const of = async (required: string): Promise<string[]> =>
    names(await run(entry, { DATABASE_URL: serverUrl('postgres'), CANVASOPS_REQUIRE_PARENT: required }));
  const all = await of('none');
  assert.equal(all.length, 9);
  assert.deepEqual(await of(''), ownOfPg);
  assert.deepEqual((await of('polling')).length, 8);
  assert.deepEqual(await of('connection'), [...ownOfPg.slice(0, 3), 'SELECT jobs', ...ownOfPg.slice(3)]);
  assert.deepEqual(await of('database,blocking'), []);
});

test('a script that uses MariaDB shows what it asks', { skip: skipWithout('mariadb') }, async () => {
  const entry = 'fixtures/mysql2/without-parent.cjs';
  const of = async (required: string): Promise<unknown[]> => {
    const env = { DATABASE_URL: serverUrl('mariadb'), CANVASOPS_REQUIRE_PARENT: required };
    return (await run(entry, env)).spans.map(({ attributes }) => attributes['db.query.text']);
  };
  const asked = ['SELECT ?', 'SELECT ? + ? AS solution', 'SELECT ? AS n'];
  assert.deepEqual(await of(''), asked);
  assert.deepEqual(await of('none'), ['SET NAMES utf8mb4', ...asked]);
  assert.deepEqual(await of('database'), []);
});

test('a script that sends requests shows them, unless they need a parent; deliveries of agents never', async () => {
  const upstream = await startUpstream();
  try {
    const of = async (required: string): Promise<unknown[]> => {
      const env = { UPSTREAM_URL: upstream.url, CANVASOPS_REQUIRE_PARENT: required };
      const { spans } = await run('fixtures/http/without-parent.cjs', env);
      return spans.map(({ attributes }) => new URL(String(attributes['url.full'])).pathname);
    };
    const paths = ['/own', '/own-fetch', '/own-envelope/'];
    assert.deepEqual(await of(''), paths);
    const traced = upstream.requests.filter(({ headers }) => headers.traceparent !== undefined);
    assert.deepEqual(
      traced.map(({ url }) => url.split('?')[0]),
      paths,
    );
    upstream.clear();
    assert.deepEqual(await of('http-client'), []);
    assert.deepEqual(
      upstream.requests.filter(({ headers }) => headers.traceparent !== undefined),
      [],
    );
  } finally {
    await upstream.close();
  }
});
