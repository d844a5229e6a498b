/** ioredis seen from outside: what the app sends has one span each, in the right place, and the app notices nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverUrl, skipWithout } from '../helpers/needs';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { type RunningApp, runApp, runToExit } from '../helpers/run-app';
import type { ReceivedSpan } from '../helpers/span';
import { type StatementProxy, startStatementProxy } from '../helpers/statement-proxy';
import { callerTrace } from '../helpers/traceparent';
import { assertTree, inTrace } from '../helpers/tree';

const skip = skipWithout('redis');
const forms = ['cjs', 'mjs'] as const;

interface Setting {
  app: RunningApp;
  receiver: OtlpReceiver;
  proxy: StatementProxy;
}

async function withApp(entry: string, use: (setting: Setting) => Promise<void>): Promise<void> {
  const receiver = await startOtlpReceiver();
  const proxy = await startStatementProxy('redis', serverUrl('redis'));
  const app = await runApp({ entry, otlp: receiver.url, env: { REDIS_URL: proxy.url } });
  try {
    await use({ app, receiver, proxy });
    assert.equal(app.stderr().includes('[canvasops]'), false, app.stderr());
  } finally {
    await app.stop();
    await Promise.all([receiver.close(), proxy.close()]);
  }
}

const isCommand = (span: ReceivedSpan): boolean => span.attributes['db.system.name'] === 'redis';

/** What ioredis says of itself; the apps send none of these. */
const itsOwn = ['AUTH', 'CLIENT', 'HELLO', 'INFO', 'SELECT'];

function commandsOnWire(proxy: StatementProxy): string[] {
  const names = proxy.statements().map(({ args }) => args?.[0]?.toUpperCase() ?? '');
  return names.filter((name) => !itsOwn.includes(name));
}

/** The commands that a span stands for. */
function commandsIn(span: ReceivedSpan): string[] {
  const names = String(span.attributes['db.query.text'])
    .split('; ')
    .map((text) => text.split(' ', 1)[0] ?? '');
  const size = span.attributes['db.operation.batch.size'];
  assert.equal(names.length, size ?? 1, span.name);
  return span.name.startsWith('MULTI') && size !== undefined ? ['MULTI', ...names, 'EXEC'] : names;
}

const routes = [
  '/get-set',
  '/callback',
  '/hash',
  '/options',
  '/buffer',
  '/pipeline',
  '/pipeline-error',
  '/multi',
  '/multi-without-pipeline',
  '/error',
  '/error-unhandled',
  '/script',
  '/custom-command',
  '/call',
  '/scan-stream',
  '/auto-pipelining',
  '/concurrent',
  '/publish',
  '/blocking',
  '/lazy',
];

for (const form of forms) {
  test(`every command of the app is in exactly one span, ${form}`, { skip }, async () => {
    await withApp(`fixtures/ioredis/app.${form}`, async ({ app, receiver, proxy }) => {
      const asked = [...routes, ...routes];
      await Promise.all(asked.map((route) => app.get(route)));
      await app.stop();
      const spans = receiver.spans();
      const commands = spans.filter(isCommand);
      assert.deepEqual(commands.flatMap(commandsIn).sort(), commandsOnWire(proxy).sort());
      const servers = new Set(spans.filter(({ kind }) => kind === 'server').map(({ spanId }) => spanId));
      assert.equal(servers.size, asked.length);
      for (const command of commands) {
        assert.equal(command.kind, 'client');
        assert.ok(servers.has(command.parentSpanId), `"${command.name}" is not below a request`);
      }
    });
  });

  test(`what a span says, ${form}`, { skip }, async () => {
    await withApp(`fixtures/ioredis/app.${form}`, async ({ app, receiver, proxy }) => {
      const paths = [
        '/get-set',
        '/pipeline',
        '/pipeline-error',
        '/multi',
        '/error',
        '/custom-command',
        '/refused',
      ];
      const traces = new Map(paths.map((path) => [path, callerTrace()]));
      for (const [path, { headers }] of traces) await app.get(path, headers);
      await app.stop();
      const spansOf = (path: string): ReceivedSpan[] =>
        inTrace(receiver.spans(), traces.get(path)?.traceId ?? '').filter(isCommand);
      const common = {
        'db.system.name': 'redis',
        'db.namespace': '0',
        'server.address': '127.0.0.1',
        'server.port': proxy.port,
        'network.peer.address': '127.0.0.1',
        'network.peer.port': proxy.port,
      };
      const [set, get] = spansOf('/get-set');
      assert.equal(set?.name, 'SET');
      assert.deepEqual(set?.attributes, {
        ...common,
        'db.operation.name': 'SET',
        'db.query.text': `SET ${app.pid}:greeting ?`,
      });
      assert.equal(get?.name, 'GET');
      const [pipeline, ...others] = spansOf('/pipeline');
      assert.deepEqual(others, []);
      assert.equal(pipeline?.name, 'PIPELINE');
      assert.deepEqual(pipeline?.attributes, {
        ...common,
        'db.operation.name': 'PIPELINE',
        'db.operation.batch.size': 3,
        'db.query.text': `SET ${app.pid}:p ?; INCR ${app.pid}:p; GET ${app.pid}:p`,
      });
      const [multi] = spansOf('/multi');
      assert.equal(multi?.name, 'MULTI');
      assert.equal(multi?.attributes['db.operation.batch.size'], 2);
      for (const failed of [spansOf('/pipeline-error')[0], spansOf('/error')[1]]) {
        assert.equal(failed?.attributes['db.response.status_code'], 'ERR');
        assert.equal(failed?.attributes['error.type'], 'ERR');
        assert.equal(failed?.status.code, 'error');
        assert.equal(failed?.events.length, 1);
      }
      const [refused] = spansOf('/refused');
      assert.equal(refused?.attributes['server.port'], 1);
      assert.equal(refused?.attributes['db.response.status_code'], undefined);
      assert.equal(refused?.status.code, 'error');
    });
  });

  test(`values stay in the process, ${form}`, { skip }, async () => {
    await withApp(`fixtures/ioredis/app.${form}`, async ({ app, receiver }) => {
      for (const path of ['/get-set', '/script', '/error-unhandled', '/call']) await app.get(path);
      await app.stop();
      assert.ok(receiver.spans().filter(isCommand).length >= 6);
      for (const secret of ['secret-value', 'secret-argument', 'hello']) {
        for (const { body } of receiver.requests) assert.equal(body.includes(secret), false, secret);
      }
    });
  });

  for (const route of ['shared', 'automatic', 'lazy']) {
    test(`50 requests share a connection, ${route}, ${form}`, { skip }, async () => {
      await withApp(`fixtures/ioredis/callbacks.${form}`, async ({ app, receiver, proxy }) => {
        const before = proxy.connectionCount;
        const callers = Array.from({ length: 50 }, () => callerTrace());
        const answers = await Promise.all(
          callers.map(({ headers }, id) => app.get(`/${route}?id=${id}`, headers)),
        );
        assert.deepEqual(new Set(answers.map(({ text }) => text)), new Set(['ok']));
        assert.equal(proxy.connectionCount - before, route === 'lazy' ? 1 : 0);
        await app.stop();
        for (const [id, { traceId, spanId }] of callers.entries()) {
          const spans = inTrace(receiver.spans(), traceId);
          assertTree(
            spans,
            `
            server GET
              client SET
              internal between
              client GET
            `,
            { callers: [spanId] },
          );
          const own = spans.filter(isCommand).map(({ attributes }) => attributes['db.query.text']);
          assert.deepEqual(own, [`SET ${app.pid}:${id} ?`, `GET ${app.pid}:${id}`]);
        }
      });
    });
  }

  test(`callbacks run in the context of their call, ${form}`, { skip }, async () => {
    await withApp(`fixtures/ioredis/callbacks.${form}`, async ({ app, receiver, proxy }) => {
      const runs = Object.keys(callbackTrees).map((route) => ({ route, trace: callerTrace() }));
      for (const { route, trace } of runs) await app.get(`/${route}`, trace.headers);
      await app.stop();
      for (const { route, trace } of runs) {
        const expected = callbackTrees[route as keyof typeof callbackTrees];
        assertTree(inTrace(receiver.spans(), trace.traceId), expected, {
          callers: [trace.spanId],
          attributes: ['db.namespace', 'error.type'],
        });
      }
      const message = receiver.spans().find(({ name }) => name === 'message');
      assert.equal(message?.parentSpanId, '', 'a message belongs to nobody');
      const scripts = commandsOnWire(proxy).filter((name) => name.startsWith('EVAL'));
      assert.deepEqual(scripts, ['EVAL', 'EVALSHA', 'EVALSHA', 'EVAL']);
    });
  });

  test(`a command that is sent again has one span, ${form}`, { skip }, async () => {
    await withApp(`fixtures/ioredis/callbacks.${form}`, async ({ app, receiver, proxy }) => {
      const trace = callerTrace();
      const answer = app.get('/blocked', trace.headers);
      const blocked = (): number => commandsOnWire(proxy).filter((name) => name === 'BLPOP').length;
      const until = async (count: number): Promise<void> => {
        while (blocked() < count) await new Promise((resolve) => setTimeout(resolve, 5));
      };
      await until(1);
      proxy.breakConnections();
      await until(2);
      await app.get('/push');
      assert.equal((await answer).text, 'ok');
      await app.stop();
      assertTree(
        inTrace(receiver.spans(), trace.traceId),
        `
        server GET
          client BLPOP
          internal popped
        `,
        { callers: [trace.spanId] },
      );
    });
  });

  test(`the app sees the same ioredis, ${form}`, { skip }, async () => {
    const receiver = await startOtlpReceiver();
    const run = { entry: `fixtures/ioredis/behaviour.${form}`, env: { REDIS_URL: serverUrl('redis') } };
    for (const args of [[], ['crash']]) {
      const [bare, traced] = await Promise.all([
        runToExit({ ...run, args, flag: 'none' }),
        runToExit({ ...run, args, otlp: receiver.url }),
      ]);
      assert.deepEqual([traced.code, traced.signal], [bare.code, bare.signal], traced.stderr);
      assert.equal(
        traced.stdout.replaceAll(/\d+:text/g, 'text'),
        bare.stdout.replaceAll(/\d+:text/g, 'text'),
      );
      assert.equal(bare.code, args.length === 0 ? 0 : 1);
      if (args.length > 0) continue;
      const { rejections } = JSON.parse(traced.stdout) as { rejections: string[] };
      assert.equal(rejections.length, 3);
    }
    assert.ok(receiver.spans().filter(isCommand).length > 15, 'it was traced');
    await receiver.close();
  });
}

const callbackTrees = {
  promise: `
    server GET
      client GET  db.namespace=0
      internal then
  `,
  callback: `
    server GET
      client GET  db.namespace=0
      internal callback
  `,
  'callback-of-error': `
    server GET
      client NOSUCHCOMMAND  db.namespace=0  error.type=ERR  [error]
      internal callback
  `,
  'callback-of-pipeline': `
    server GET
      client PIPELINE  db.namespace=0
      internal callback
  `,
  'callback-of-queued': `
    server GET
      client PIPELINE GET  db.namespace=0
      internal first
      internal second
  `,
  'callback-of-multi': `
    server GET
      client MULTI GET  db.namespace=0
      internal callback
  `,
  'callback-of-automatic': `
    server GET
      client GET  db.namespace=0
      internal callback
  `,
  database: `
    server GET
      client GET  db.namespace=3
      client SELECT  db.namespace=3
      client GET  db.namespace=4
      client QUIT  db.namespace=4
  `,
  script: `
    server GET
      client EVAL  db.namespace=0
      client EVALSHA  db.namespace=0
      client SCRIPT  db.namespace=0
      client EVALSHA  db.namespace=0  error.type=NOSCRIPT  [error]
      client EVAL  db.namespace=0
  `,
  messages: `
    server GET
      client SUBSCRIBE  db.namespace=0
      client PUBLISH  db.namespace=0
  `,
  disconnected: `
    server GET
      client BLPOP  db.namespace=0
      internal blocked
      client GET  db.namespace=0  error.type=Error  [error]
      internal after
  `,
  unreachable: `
    server GET
      client GET  db.namespace=0  error.type=Error  [error]
      client PIPELINE GET  db.namespace=0  error.type=Error  [error]
      internal single
      internal batch
  `,
  timeout: `
    server GET
      client BLPOP  db.namespace=0  error.type=Error  [error]
      internal callback
  `,
} as const;
