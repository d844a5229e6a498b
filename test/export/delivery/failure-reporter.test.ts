import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FailureReporter } from '../../../src/export/delivery/failure-reporter';
import { otlp } from '../config';
import { testLog } from '../harness';

const trouble = { reason: 'nobody listens', fix: 'start it' };

function failureReporter(implicit = false): {
  reporter: FailureReporter;
  lines: string[];
  clock: { now: number };
} {
  const { lines, ...rest } = testLog();
  const clock = { now: 0 };
  const destination = otlp('http://user:pass@host:4318/v1/traces?key=secret', { implicit });
  return { reporter: new FailureReporter(destination, rest, () => clock.now), lines, clock };
}

it('tells the first delivery, once, at level info', () => {
  const { lines, ...rest } = testLog();
  const news: string[] = [];
  const destination = otlp('http://user:pass@host:4318/v1/traces?key=secret');
  const reporter = new FailureReporter(
    destination,
    { ...rest, info: (line) => void news.push(line) },
    () => 0,
  );
  reporter.failed(trouble, 10, 0);
  reporter.accepted();
  reporter.delivered();
  reporter.accepted();
  assert.deepEqual(news, ['OTLP, http://host:4318/v1/traces?…: took its first spans']);
  assert.equal(lines.length, 2, 'the failure, and that it works again');
});

describe('the reporter of failures', () => {
  it('tells the first failure in full, then one line a minute, then the recovery', () => {
    const { reporter, lines, clock } = failureReporter();
    for (; clock.now < 150_000; clock.now += 1000) reporter.failed(trouble, 10, 0);
    reporter.delivered();
    reporter.delivered();
    assert.deepEqual(lines, [
      'OTLP, http://host:4318/v1/traces?…: nobody listens. To fix: start it. 10 spans kept for the next attempt.',
      'OTLP, http://host:4318/v1/traces?…: still failing after 61 attempts; nobody listens. To fix: start it. 10 spans kept for the next attempt.',
      'OTLP, http://host:4318/v1/traces?…: still failing after 121 attempts; nobody listens. To fix: start it. 10 spans kept for the next attempt.',
      'OTLP, http://host:4318/v1/traces?…: works again after 150 failed attempts',
    ]);
  });

  it('stays within its lines when a backend comes and goes every second', () => {
    const { reporter, lines, clock } = failureReporter();
    for (; clock.now < 600_000; clock.now += 1000) {
      if (clock.now % 2000 === 0) reporter.failed(trouble, 0, 1);
      else reporter.delivered();
    }
    assert.ok(lines.length <= 21, `${lines.length} lines`);
    const lost = lines
      .map((line) => Number(/(\d+) spans? lost/.exec(line)?.[1] ?? 0))
      .reduce((sum, n) => sum + n, 0);
    assert.ok(lost >= 270 && lost <= 300, `${lost} told as lost`);
  });

  it('counts what a full queue costs', () => {
    const { reporter, lines, clock } = failureReporter();
    reporter.overflowed(5, 100);
    reporter.overflowed(6, 100);
    clock.now = 60_000;
    reporter.overflowed(7, 1);
    assert.deepEqual(lines, [
      'OTLP, http://host:4318/v1/traces?…: the queue is full, so the oldest spans are dropped. 5 spans lost. 100 spans kept for the next attempt.',
      'OTLP, http://host:4318/v1/traces?…: the queue is full, so the oldest spans are dropped. 13 spans lost. 1 span kept for the next attempt.',
    ]);
  });

  it('tells partial successes once a minute, with their sum', () => {
    const { reporter, lines, clock } = failureReporter();
    for (; clock.now <= 60_000; clock.now += 10_000) reporter.partialSuccess(2, 'too old');
    assert.deepEqual(lines, [
      'OTLP, http://host:4318/v1/traces?…: took the batch without 2 spans: too old',
      'OTLP, http://host:4318/v1/traces?…: took the batch without 12 spans: too old',
    ]);
  });

  it('says one line, once, when nobody listens at the destination that nobody configured', () => {
    const { reporter, lines, clock } = failureReporter(true);
    for (; clock.now < 1_000_000; clock.now += 10_000) {
      reporter.failed(trouble, 10, 1);
      reporter.overflowed(1, 10);
    }
    reporter.leftAtEnd(5, 0, trouble);
    reporter.reportEnd();
    assert.equal(lines.length, 1);
    assert.match(
      lines[0] ?? '',
      /no trace backend is configured.*Start one.*OTEL_EXPORTER_OTLP_ENDPOINT.*OTEL_TRACES_EXPORTER=none/,
    );
  });

  it('treats that destination like any other once somebody listened there', () => {
    const { reporter, lines } = failureReporter(true);
    reporter.delivered();
    reporter.failed(trouble, 10, 0);
    assert.match(lines[0] ?? '', /nobody listens/);
  });
});
