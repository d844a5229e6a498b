/** The helpers that run apps and watch what they send to real servers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverUrl, skipWithout } from './needs';
import { runApp, runToExit } from './run-app';
import { startStatementProxy } from './statement-proxy';
import { startUpstream } from './upstream';

test('the proxy lists what express and pg send', { skip: skipWithout('postgres') }, async () => {
  const proxy = await startStatementProxy('postgres', serverUrl('postgres'));
  const upstream = await startUpstream();
  const env = { DATABASE_URL: proxy.url, UPSTREAM_URL: upstream.url };
  const app = await runApp({ entry: 'fixtures/express-pg/app.mjs', flag: 'none', env });
  proxy.clear();
  assert.equal((await app.get('/users/1')).status, 200);
  assert.deepEqual(
    proxy.statements().map(({ kind, text }) => `${kind} ${text}`),
    [
      'execute select id, name from users where id = $1',
      'execute select count(*)::int as n from orders where user_id = $1',
      'query BEGIN',
      'execute insert into orders (user_id, amount) values ($1, $2) returning id',
      'query COMMIT',
      'query select * from missing_table',
    ],
  );
  assert.equal(upstream.requestTo('/a').url, '/a?token=canary');
  proxy.clear();
  assert.deepEqual((await app.get('/cursor')).json(), { rows: 25 });
  assert.deepEqual(
    proxy.statements().map((statement) => statement.fetches),
    [2],
  );
  assert.deepEqual(await app.stop(), { code: null, signal: 'SIGTERM' });
  await Promise.all([proxy.close(), upstream.close()]);
});

test('the proxy lists what mysql2 sends', { skip: skipWithout('mariadb') }, async () => {
  const proxy = await startStatementProxy('mysql', serverUrl('mariadb'));
  const app = await runApp({
    entry: 'fixtures/mysql2/app.cjs',
    flag: 'none',
    env: { DATABASE_URL: proxy.url },
  });
  proxy.clear();
  await app.get('/prepare');
  await app.get('/literal');
  const byId = 'execute select id, name from products where id = ?';
  const texts = proxy.statements().map(({ kind, text }) => `${kind} ${text}`);
  assert.deepEqual(texts, [byId, byId, "query select 'secret-literal' as text, 42 as number"]);
  await app.stop();
  await proxy.close();
});

test('the proxy lists what ioredis sends', { skip: skipWithout('redis') }, async () => {
  const proxy = await startStatementProxy('redis', serverUrl('redis'));
  const app = await runApp({
    entry: 'fixtures/ioredis/app.mjs',
    flag: 'none',
    env: { REDIS_URL: proxy.url },
  });
  proxy.clear();
  await app.get('/multi');
  assert.deepEqual(
    proxy.statements().map((statement) => statement.args?.[0]),
    ['multi', 'set', 'incr', 'exec'],
  );
  await app.stop();
  await proxy.close();
});

test('an app gets a clean environment and its ending is reported as it was', async () => {
  process.env.OTEL_SERVICE_NAME = 'must not get through';
  const printed = await runToExit({
    entry: 'package.json',
    flag: 'none',
    nodeArgs: ['-p', 'JSON.stringify(process.env)'],
    env: { CANVASOPS_LOG_LEVEL: 'debug' },
  });
  delete process.env.OTEL_SERVICE_NAME;
  const names = Object.keys(JSON.parse(printed.stdout) as object).filter((name) =>
    /^(OTEL|CANVASOPS|NODE)_/.test(name),
  );
  // The second is the harness's own; see run-app.ts.
  assert.deepEqual(names.sort(), ['CANVASOPS_DB_CONNECTION_WAIT', 'CANVASOPS_LOG_LEVEL']);

  const app = await runApp({ entry: 'fixtures/http/app.cjs', flag: 'none' });
  assert.equal((await app.request({ path: '/echo', method: 'POST', body: 'hello' })).text, 'hello');
  await app.get('/exit?code=3');
  assert.deepEqual(await app.exit, { code: 3, signal: null });
  await assert.rejects(runApp({ entry: 'fixtures/none.cjs', flag: 'none' }), /ended \(1\) before/);
});
