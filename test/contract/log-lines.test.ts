/** What a process says of itself on stderr, by the level of the log. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { runApp } from '../helpers/run-app';

let receiver: OtlpReceiver;
before(async () => {
  receiver = await startOtlpReceiver();
});
after(() => receiver.close());

/** Two batches, then the end; the lines that begin with ours. */
async function linesOf(env: Record<string, string>, end: 'SIGTERM' | 'exit' = 'SIGTERM'): Promise<string[]> {
  receiver.clear();
  const app = await runApp({ entry: 'fixtures/http/app.cjs', otlp: receiver.url, env });
  for (let count = 1; count <= 2; count++) {
    await app.get('/status?code=204');
    if (end === 'SIGTERM') await receiver.waitForSpans(count);
  }
  if (end === 'exit') await app.get('/exit?code=3');
  const ended = end === 'exit' ? await app.exit : await app.stop();
  assert.deepEqual(ended, end === 'exit' ? { code: 3, signal: null } : { code: null, signal: 'SIGTERM' });
  assert.match(app.stdout(), /^listening \d+\n$/);
  return app
    .stderr()
    .split('\n')
    .filter((line) => line !== '');
}

const address = (): string => receiver.url.replaceAll('.', '\\.');

test('at the default level nothing is said of a process that does well', async () => {
  assert.deepEqual(await linesOf({}), []);
});

for (const level of ['info', 'debug']) {
  test(`at level ${level}: one line at the start, one at the first delivery, one at the end`, async () => {
    const lines = await linesOf({ CANVASOPS_LOG_LEVEL: level, OTEL_SERVICE_NAME: 'shop' });
    const said = lines.filter((line) => / version |took|created/.test(line));
    const expected = [
      `^\\[canvasops\\] version \\S+ on Node \\S+: service shop; spans go to OTLP, ${address()}/v1/traces; traced: all libraries$`,
      `^\\[canvasops\\] OTLP, ${address()}/v1/traces: took its first spans$`,
      '^\\[canvasops\\] spans: created 2, delivered 2, dropped 0$',
    ];
    assert.equal(said.length, expected.length, lines.join('\n'));
    for (const [index, pattern] of expected.entries()) assert.match(said[index] ?? '', new RegExp(pattern));
    if (level === 'info') assert.deepEqual(lines, said);
  });
}

test('the start says what is on, and the service that the package.json names', async () => {
  const [line = ''] = await linesOf({
    CANVASOPS_LOG_LEVEL: 'info',
    CANVASOPS_INSTRUMENTATIONS_ENABLED: 'http,pg',
  });
  assert.match(line, /: service \S*http\S*; .*; traced: http-server, http-client, pg$/);
});

test('what is first delivered while the process ends is told as well', async () => {
  const lines = await linesOf({ CANVASOPS_LOG_LEVEL: 'info', OTEL_BSP_SCHEDULE_DELAY: '60000' }, 'exit');
  assert.equal(lines.length, 3, lines.join('\n'));
  assert.match(lines[1] ?? '', /took its first spans$/);
  assert.match(lines[2] ?? '', /delivered [1-9]/);
});
