/** Frames of ours in the stacks in which `fixtures/frames/app.cjs` sees its functions called. */
import assert from 'node:assert/strict';
import { serverUrl } from '../helpers/needs';
import type { NodeVersion } from '../helpers/node-versions';
import { fromRoot } from '../helpers/paths';
import { runToExit } from '../helpers/run-app';

/** Kind of call -> frames; two numbers where Node 24 and later need fewer than Node 20 and 22. */
const ALLOWED: Readonly<Record<string, number | readonly [upTo22: number, from24: number]>> = {
  'http server: request': [1, 0],
  'http server: request that the app emits': 1,
  'http server: data': 1,
  'http server: end': 1,
  'http server: finish': 1,
  'http client: response': 1,
  'http client: data': 1,
  // The server, the router and its route; a mounted router and its layer.
  'express: handler': [3, 2],
  'express: handler of a mounted router': [5, 4],
  // What the error passed: a mounted router, and the layer that it is mounted by.
  'express: error handler': 3,
  'fastify: handler': 1,
  'pg: callback': 1,
  'pg: promise': 0,
  'pg: callback of a pool': 2,
  'mysql2: callback': 1,
  'mysql2: promise': 0,
  'mysql2: event': 1,
  'ioredis: callback': 0,
  'ioredis: promise': 0,
  'span()': 1,
  'traceFunction()': 1,
  'traceDatabaseQuery()': 1,
  'traceExternalRequest()': 1,
  'traceTransaction()': 1,
  'startActiveSpan()': 1,
  'span(): generator': 1,
};

/** Of ours, and what AsyncLocalStorage would leave there. */
function isOurs(frame: string): boolean {
  return frame.includes(fromRoot('dist')) || frame.includes('AsyncLocalStorage.run');
}

export async function assertFrames(node: NodeVersion): Promise<void> {
  const { code, stdout, stderr } = await runToExit({
    entry: 'fixtures/frames/app.cjs',
    node,
    env: {
      DATABASE_URL: serverUrl('postgres'),
      MYSQL_URL: serverUrl('mariadb'),
      REDIS_URL: serverUrl('redis'),
      OTEL_TRACES_EXPORTER: 'none',
    },
  });
  assert.deepEqual([code, stderr], [0, '']);
  const stacks = JSON.parse(stdout) as Record<string, string[]>;
  const found = Object.entries(stacks).map(([kind, frames]) => [kind, frames.filter(isOurs)] as const);
  assert.deepEqual(found.map(([kind]) => kind).sort(), Object.keys(ALLOWED).sort());
  for (const [kind, frames] of found) {
    const allowed = ALLOWED[kind];
    const limit = typeof allowed === 'number' ? allowed : (allowed?.[Number(node) >= 24 ? 1 : 0] ?? 0);
    assert.ok(frames.length <= limit, `${kind}: more than ${limit} frames\n${frames.join('\n')}`);
    // Nobody has to guess whose they are, or what they are for.
    for (const frame of frames) assert.doesNotMatch(frame, /at (new )?(\/|Object\.method|<anonymous>)/, kind);
  }
}
