/** The fixture that all tests of destinations run: one request makes a request span and one of the app's own. */
import assert from 'node:assert/strict';
import { type RunAppOptions, type RunningApp, runApp } from '../helpers/run-app';
import type { ReceivedSpan } from '../helpers/span';
import { assertTree } from '../helpers/tree';

export function runShop(
  env: Record<string, string>,
  options: Partial<RunAppOptions> = {},
): Promise<RunningApp> {
  return runApp({
    entry: 'fixtures/programs/shop.cjs',
    ...options,
    env: { OTEL_BSP_SCHEDULE_DELAY: '50', OTEL_SERVICE_NAME: 'shop', ...env },
  });
}

export async function order(app: RunningApp, id = 'o-1'): Promise<void> {
  const answer = await app.get(`/order?id=${id}`);
  assert.deepEqual(answer.json(), { added: true });
}

/** The spans of one order. */
export function assertOrder(spans: readonly ReceivedSpan[]): void {
  assertTree(
    spans,
    `
    server GET  order.id=o-1
      internal charge  charge.cents=1999
    `,
    { attributes: ['order.id', 'charge.cents'] },
  );
}

/** Nothing goes wrong, so nothing is said; stdout is the app's. */
export async function assertQuiet(app: RunningApp): Promise<void> {
  await app.stop();
  assert.equal(app.stderr(), '');
  assert.equal(app.stdout(), `listening ${app.port}\n`);
}

/** What we said on stderr, without the prefix. */
export function lines(app: RunningApp): string[] {
  const all = app.stderr().split('\n').filter(Boolean);
  return all.map((line) => {
    assert.match(line, /^\[canvasops\] /);
    return line.slice('[canvasops] '.length);
  });
}
