/** A request that ends the process: its trace arrives with the error, and the process ends as it does without us. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { NodeVersion } from '../helpers/node-versions';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { type Exit, type RunAppOptions, runToExit } from '../helpers/run-app';
import type { ReceivedSpan } from '../helpers/span';

const UNFINISHED = 'canvasops.unfinished';
const entry = 'fixtures/endings/crash.cjs';

interface Crash extends Exit {
  output: string;
  spans: ReceivedSpan[];
}

let receiver: OtlpReceiver;
before(async () => {
  receiver = await startOtlpReceiver();
});
after(() => receiver.close());

async function crash(
  way: string,
  spans: number,
  nodeArgs: string[] = [],
  env: RunAppOptions['env'] = {},
  node?: NodeVersion,
): Promise<Crash> {
  receiver.clear();
  const shared = { entry, args: [way], nodeArgs, ...(node !== undefined && { node }) };
  const limit = { CANVASOPS_EXIT_TIMEOUT: '20000' };
  const bare = await runToExit({
    ...shared,
    env,
    flag: 'none',
    nodeArgs: ['--import', 'data:text/javascript,', ...nodeArgs],
  });
  const traced = await runToExit({
    ...shared,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...limit, ...env },
  });
  assert.deepEqual(comparable(traced), comparable(bare));
  const { code, signal, stdout } = traced;
  return { code, signal, output: stdout, spans: await receiver.waitForSpans(spans) };
}

/** Frames of a stack may be ours; all else is not. */
function comparable({ stderr, ...exit }: Exit & { stderr: string }): object {
  const lines = stderr.replaceAll(/\(node:\d+\)/g, '(node:…)').split('\n');
  return { ...exit, stderr: lines.filter((line) => !line.startsWith('    at ')) };
}

function named(spans: readonly ReceivedSpan[], name: string): ReceivedSpan {
  const [span, ...others] = spans.filter((each) => each.name === name);
  assert.ok(span !== undefined && others.length === 0, `${name} in ${spans.map((each) => each.name)}`);
  return span;
}

/** The request and its handler tell of the error and that they are unfinished, the client's request of the latter. */
function assertFailed({ spans }: Crash, type: string, message: RegExp): void {
  for (const name of ['GET /users/:id', 'handler']) {
    const { attributes, events, status } = named(spans, name);
    assert.equal(attributes[UNFINISHED], true, name);
    assert.equal(attributes['error.type'], type, name);
    assert.equal(status.code, 'error', name);
    assert.match(status.message, message);
    assert.deepEqual(
      events.map((event) => event.name),
      ['exception'],
    );
    assert.equal(events[0]?.attributes['exception.type'], type);
    assert.match(String(events[0]?.attributes['exception.message']), message);
    assert.match(
      String(events[0]?.attributes['exception.stacktrace']),
      /crash\.cjs|UnhandledPromiseRejection/,
    );
  }
  const client = named(spans, 'GET');
  assert.equal(client.attributes[UNFINISHED], true);
  assert.equal(client.status.code, 'unset');
  assert.equal(named(spans, 'GET /users/:id').attributes['http.route'], '/users/:id');
}

function assertCutOff({ spans }: Crash): void {
  for (const { name, attributes, events, status } of spans) {
    assert.equal(attributes[UNFINISHED], true, name);
    assert.deepEqual([status.code, events], ['unset', []], name);
  }
}

function assertFinished({ spans }: Crash): void {
  for (const { name, attributes, status } of spans) {
    assert.deepEqual([attributes[UNFINISHED], status.code], [undefined, 'unset'], name);
  }
}

describe('a request that ends the process', { concurrency: 1 }, () => {
  const message = /^no such user; password=(?!hunter2)/;
  const ways = [
    'timer',
    'immediate',
    'next tick',
    'emitter',
    'stream',
    'callback',
    'async function',
    'domain',
  ];
  for (const way of ways) {
    it(`by ${way}`, async () => assertFailed(await crash(way, 3), 'TypeError', message));
  }

  it('by the rejection of something that is no error', async () => {
    assertFailed(await crash('rejected value', 3), 'UnhandledPromiseRejection', /reason "only text"/);
  });

  it('in a capture callback', async () => {
    assertFailed(await crash('capture callback that exits', 3), 'TypeError', message);
  });

  it('by work whose own span has ended: then the one around it tells of the error', async () => {
    const ended = await crash('work that is over', 4);
    assertFailed(ended, 'TypeError', message);
    assert.equal(named(ended.spans, 'over').attributes[UNFINISHED], undefined);
  });

  for (const mode of ['throw', 'strict']) {
    it(`by a rejection, with --unhandled-rejections=${mode}`, async () => {
      assertFailed(
        await crash('async function', 3, [`--unhandled-rejections=${mode}`]),
        'TypeError',
        message,
      );
    });
  }

  for (const way of ['getters that print', 'a Proxy that prints', 'a thrown undefined']) {
    it(`by ${way}: nothing of it is asked`, async () => {
      const { spans } = await crash(way, 3);
      for (const name of ['GET /users/:id', 'handler']) {
        const { status, events } = named(spans, name);
        assert.deepEqual([status.code, events.length], ['error', 1]);
      }
    });
  }

  it('and whose stack is formatted by the app, once', async () => {
    const { spans } = await crash('prepareStackTrace that counts', 3);
    const [event] = named(spans, 'handler').events;
    assert.equal(event?.attributes['exception.stacktrace'], 'TypeError: formatted 1 times');
  });

  it('and has as many attributes as there may be', async () => {
    const { spans } = await crash('more attributes than there may be', 3);
    const { attributes } = named(spans, 'handler');
    assert.equal(attributes[UNFINISHED], true);
    assert.equal(attributes['error.type'], 'TypeError');
  });

  it('with ten thousand more spans open: all arrive, and the account is right', async () => {
    const startedAt = performance.now();
    const { spans } = await crash('many open spans', 10_003);
    const took = performance.now() - startedAt;
    assert.equal(spans.length, 10_003);
    assert.equal(spans.filter(({ attributes }) => attributes[UNFINISHED] !== true).length, 0);
    assert.ok(took < 15_000, `${took} ms for a bare run and this one`);
  });

  it('is accounted for in the last line', async () => {
    const ended = await runToExit({
      entry,
      args: ['timer'],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, CANVASOPS_LOG_LEVEL: 'info' },
    });
    assert.match(ended.stderr, /spans: created 3, delivered 3, dropped 0/);
  });
});

describe('an error after which the process lives on ends no span', { concurrency: 1 }, () => {
  const lives = { LIVES: '1' };
  for (const [way, nodeArgs] of [
    ['domain with a listener', []],
    ['capture callback', []],
    ['listener for rejections', []],
    ['async function', ['--unhandled-rejections=warn']],
    ['async function', ['--unhandled-rejections=none']],
    ['async function', ['--unhandled-rejections=warn-with-error-code']],
  ] as [string, string[]][]) {
    it([way, ...nodeArgs].join(' '), async () => assertFinished(await crash(way, 3, nodeArgs, lives)));
  }
});

/** docs/decisions/0010-spans-at-the-end.md: what Node says of whose error it is. */
describe('an error in queueMicrotask()', { concurrency: 1 }, () => {
  it('is of no request for Node 20', async () => assertCutOff(await crash('microtask', 3, [], {}, '20')));
  it('is of its request for Node 24', async () => {
    assertFailed(await crash('microtask', 3, [], {}, '24'), 'TypeError', /^no such user/);
  });
});
