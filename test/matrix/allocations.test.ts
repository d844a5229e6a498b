/** The counted bytes of test/bench on the other lines of Node: V8's compilers differ, and so do stores of async context. */
import { test } from 'node:test';
import { assertAsRecorded } from '../bench/allocations';
import type { NodeVersion } from '../helpers/node-versions';

const LINES: readonly NodeVersion[] = ['20', '22', '24', '26'];

for (const line of LINES) {
  test(`Node ${line}: a span, the calls of the API and a request allocate what they did`, () =>
    assertAsRecorded(line));
}
