/**
 * `process.exit()` while a connection to the backend is open and idle: the last batch goes over it, and whatever the
 * backend makes of it is counted. The first batch of the program is answered with 200.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Answer, startOtlpReceiver } from '../helpers/otlp-receiver';
import { runToExit } from '../helpers/run-app';
import { startFaultyProxy } from './faulty-proxy';

const json = JSON.stringify({ partialSuccess: { rejectedSpans: 4, errorMessage: '' } });

interface Case {
  answer: Answer;
  env?: Record<string, string>;
  total: string;
  said?: RegExp;
}

const cases: Record<string, Case> = {
  'an answer in chunks': { answer: {}, total: 'delivered 20, dropped 0' },
  'an answer with its length': {
    answer: { headers: { 'content-length': 0 }, body: '' },
    total: 'delivered 20, dropped 0',
  },
  'a compressed batch': {
    answer: {},
    env: { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' },
    total: 'delivered 20, dropped 0',
  },
  'a partial success': {
    answer: { partialSuccess: { rejectedSpans: 4, errorMessage: '' } },
    total: 'delivered 16, dropped 4 (rejected 4)',
    said: /without 4 spans/,
  },
  'a partial success as JSON': {
    answer: { body: json },
    env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
    total: 'delivered 16, dropped 4 (rejected 4)',
    said: /without 4 spans/,
  },
  'a refusal': {
    answer: { status: 401 },
    total: 'delivered 10, dropped 10 (refused 10)',
    said: /10 spans lost at the end of the process: the backend answered 401.*To fix: check the key/,
  },
  'a backend that is overloaded': {
    answer: { status: 503 },
    total: 'delivered 10, dropped 10 (exit 10)',
    said: /10 spans lost at the end of the process: the backend answered 503/,
  },
  'no answer': {
    answer: { hang: true },
    env: { CANVASOPS_EXIT_TIMEOUT: '200' },
    total: 'delivered 10, dropped 10 (exit 10)',
    said: /10 spans lost at the end of the process: no answer within/,
  },
  'a reset connection, and the worker thread instead': {
    answer: { reset: true },
    total: 'delivered 20, dropped 0',
  },
};

describe('the last batch over an open connection', () => {
  for (const [what, { answer, env = {}, total, said }] of Object.entries(cases)) {
    it(`${what}`, async () => {
      const receiver = await startOtlpReceiver();
      receiver.answerNext({}, answer);
      const ended = await exitConnected(receiver.url, env);
      assert.equal(ended.code, 3, ended.stderr);
      const lines = ended.stderr.trimEnd().split('\n');
      assert.equal(lines.pop(), `[canvasops] spans: created 20, ${total}`);
      // Where spans go, and that the first of them arrived.
      assert.match(lines.splice(0, 2).join('\n'), /spans go to OTLP,.*\n.*took its first spans$/);
      assert.equal(lines.length, said === undefined ? 0 : 1, lines.join('\n'));
      if (said !== undefined) assert.match(lines[0] ?? '', said);
      const ids = receiver.spans().map(({ spanId }) => spanId);
      assert.equal(new Set(ids).size, ids.length, 'a span arrived twice');
      const usesWorker = answer.reset === true;
      assert.equal(receiver.connectionCount, usesWorker ? 2 : 1);
      await receiver.close();
    });
  }

  it('a connection that the backend has closed meanwhile is not used', async () => {
    const receiver = await startOtlpReceiver();
    receiver.answerNext({ headers: { connection: 'close' } });
    const ended = await exitConnected(receiver.url, {});
    assert.match(ended.stderr, /created 20, delivered 20, dropped 0/);
    assert.equal(receiver.spans().length, 20);
    await receiver.close();
  });

  it('bytes that nobody asked for make a connection unusable', async () => {
    const receiver = await startOtlpReceiver();
    const proxy = await startFaultyProxy(receiver.port, (socket) => {
      const write = socket.write.bind(socket);
      const chatty = (data: string | Uint8Array): boolean => {
        const isFine = write(data);
        return write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n') && isFine;
      };
      socket.write = chatty as typeof socket.write;
      return false;
    });
    const ended = await exitConnected(proxy.url, {});
    assert.match(ended.stderr, /created 20, delivered 20, dropped 0/);
    assert.equal(receiver.spans().length, 20);
    await Promise.all([proxy.close(), receiver.close()]);
  });
});

function exitConnected(url: string, env: Record<string, string>): ReturnType<typeof runToExit> {
  return runToExit({
    entry: 'fixtures/endings/app.cjs',
    args: ['process.exit, connected'],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      CANVASOPS_LOG_LEVEL: 'info',
      CANVASOPS_EXIT_TIMEOUT: '5000',
      ...env,
    },
  });
}
