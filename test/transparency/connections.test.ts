/**
 * The context of a request is that of its own functions, and of nothing that comes later on its connection, however Node
 * keeps contexts (docs/decisions/0016-stack-frames.md). The other Node lines are in the matrix.
 */
import { test } from 'node:test';
import { assertConnections } from './connections';

const title = 'contexts of requests that share a connection';

for (const node of ['20', '24'] as const) test(`${title}, Node ${node}`, () => assertConnections(node));

test(`${title}, contexts kept by async_hooks in Node 24`, () =>
  assertConnections('24', ['--no-async-context-frame']));
