import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { before, mock, test } from 'node:test';
import { isHexId } from '../../src/tracing/ids';
import { testProvider } from './provider';

before(() => {
  // One bit in 32,768: whoever asks once mostly gets zeros.
  mock.method(crypto, 'randomFillSync', (buffer: Int32Array) => buffer.fill(0).fill(1, -1));
});

for (const sampler of ['always_on', 'always_off'] as const) {
  test(`no id is all zeros, whatever the random numbers are, with ${sampler}`, () => {
    const tracer = testProvider({}, sampler).provider.getTracer('test');
    for (let i = 0; i < 3; i++) {
      const { traceId, spanId } = tracer.startSpan('work', { root: true }).spanContext();
      assert.ok(isHexId(traceId, 32), traceId);
      assert.ok(isHexId(spanId, 16), spanId);
    }
  });
}
