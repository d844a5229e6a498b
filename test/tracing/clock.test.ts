import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { clockOffset, createOffset, fromTimeInput, monotonic, toHrTime } from '../../src/tracing/clock';

/** Two clocks that the test moves. */
function clocks() {
  const state = { unix: 1_700_000_000_000, steady: 50 };
  const offset = createOffset(
    () => Math.floor(state.unix), // like Date.now()
    () => state.steady,
  );
  const pass = (ms: number, step = 0): void => {
    state.unix += ms + step;
    state.steady += ms;
  };
  /** How far our idea of the time is from the system's, in ms. */
  const error = (): number => state.steady + offset() - state.unix;
  return { pass, error, offset };
}

test('the time is right to a millisecond, also after hours', () => {
  const { pass, error } = clocks();
  for (let i = 0; i < 1000; i++) {
    pass(10_000.37);
    assert.ok(Math.abs(error()) <= 1, `${error()} ms off`);
  }
});

for (const step of [60_000, -60_000, 3_600_000, -20]) {
  test(`a step of the system clock by ${step} ms is noticed within a second of work, and once`, () => {
    const { pass, error, offset } = clocks();
    pass(5000);
    offset();
    pass(1001, step);
    assert.ok(Math.abs(error()) <= 1, `${error()} ms off`);
    const after = offset();
    pass(5000);
    assert.equal(offset(), after);
  });
}

test('jitter of the millisecond clock does not move spans about', () => {
  const { pass, offset } = clocks();
  const before = offset();
  for (let i = 0; i < 1000; i++) {
    pass(1000.7);
    assert.equal(offset(), before);
  }
});

test('within a second nothing is looked up', () => {
  let asked = 0;
  const offset = createOffset(
    () => {
      asked++;
      return 0;
    },
    () => 1,
  );
  for (let i = 0; i < 1000; i++) offset();
  assert.equal(asked, 1);
});

test('the clock is that of performance.now(), which apps give as a time', () => {
  const before = performance.now();
  const now = monotonic();
  assert.ok(before <= now && now <= performance.now());
});

test('the real clocks agree with Date.now()', () => {
  assert.ok(Math.abs(monotonic() + clockOffset() - Date.now()) < 50);
});

const OFFSET = 1_700_000_000_000;
const DATE = new Date('2026-11-05T10:00:00.123Z');

const times: [name: string, input: unknown, ms: number | undefined][] = [
  ['a Date', DATE, DATE.getTime()],
  ['a Date of another realm', runInNewContext(`new Date(${DATE.getTime()})`), DATE.getTime()],
  ['unix milliseconds', 1_762_336_800_123.25, 1_762_336_800_123.25],
  ['unix milliseconds of long ago', Date.parse('1999-12-31T00:00:00Z'), Date.parse('1999-12-31T00:00:00Z')],
  ['a value of performance.now()', 1234.5, OFFSET + 1234.5],
  ['zero, when the process began', 0, OFFSET],
  ['an hrtime pair', [1_762_336_800, 500_000_000], 1_762_336_800_500],
  ['a pair that is none', ['1', 2], undefined],
  ['a short pair', [1], undefined],
  ['an endless pair', [Number.POSITIVE_INFINITY, 0], undefined],
  ['a negative pair', [-5, 0], undefined],
  ['an invalid Date', new Date('x'), undefined],
  ['a Date before 1970', new Date(-1), undefined],
  ['NaN', Number.NaN, undefined],
  ['a negative number', -1, undefined],
  ['Infinity', Number.POSITIVE_INFINITY, undefined],
  ['text', '2026-11-05', undefined],
  ['null', null, undefined],
  ['nothing', undefined, undefined],
  ['a Proxy of a Date', new Proxy(DATE, {}), undefined],
  ['a revoked Proxy', revoked(), undefined],
];

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable([], {});
  revoke();
  return proxy;
}

for (const [name, input, ms] of times) {
  test(`given as a time: ${name}`, () => {
    assert.equal(fromTimeInput(input as never, OFFSET), ms);
  });
}

test('an event of a minute ago stays there, even if the process is younger than that', () => {
  const ago = Date.now() - 3_600_000;
  assert.ok(ago < performance.timeOrigin || performance.now() > 3_600_000);
  assert.equal(fromTimeInput(ago, OFFSET), ago);
});

test('an hrtime never has a billion nanoseconds', () => {
  assert.deepEqual(toHrTime(1500.25), [1, 500_250_000]);
  assert.deepEqual(toHrTime(1999.9999999), [1, 999_999_999]);
  assert.deepEqual(toHrTime(0), [0, 0]);
});
