import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { retryDelayMs } from '../../../src/export/delivery/backoff';

describe('the delay before another attempt', () => {
  it('doubles up to its bound, with jitter', () => {
    assert.deepEqual(
      [1, 2, 3, 4, 5, 6, 50].map((failures) => retryDelayMs(failures, undefined, 1)),
      [500, 1000, 2000, 4000, 8000, 10_000, 10_000],
    );
    assert.equal(retryDelayMs(3, undefined, 0), 1000);
  });

  it('is at least what the backend asks for, within reason', () => {
    assert.equal(retryDelayMs(1, 30_000, 1), 30_000);
    assert.equal(retryDelayMs(1, 0, 1), 500);
    assert.equal(retryDelayMs(1, 86_400_000, 1), 300_000);
  });
});
