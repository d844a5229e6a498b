/** Registers a runtime whose ended spans the test reads, as the preload would. */
import { setStatementDescriber } from '../../src/redaction/attributes';
import { describeStatement } from '../../src/redaction/database/statement';
import { activeContext, enter, leave } from '../../src/tracing/context';
import { countQuery, queryStats } from '../../src/tracing/query-stats';
import { installRuntime } from '../../src/tracing/runtime';
import { RecordingSpan } from '../../src/tracing/span';
import { type TestProvider, testProvider } from '../tracing/provider';

export interface TestRuntime extends TestProvider {
  /** The last span that ended. */
  last(): RecordingSpan;
  named(name: string): RecordingSpan;
  /** What `flush` and `shutdown` were asked for. */
  calls: string[];
}

export function register(...options: Parameters<typeof testProvider>): TestRuntime {
  const test = testProvider(...options);
  const calls: string[] = [];
  setStatementDescriber(describeStatement);
  installRuntime({
    database: {
      describe: describeStatement,
      count(span, statement, durationMs, failed) {
        if (span instanceof RecordingSpan) countQuery(span, statement, durationMs, failed, 10);
      },
      stats: queryStats,
    },
    version: '0.0.0',
    provider: test.provider,
    activeContext,
    enter,
    leave,
    flush: async (timeoutMs) => {
      calls.push(`flush ${timeoutMs}`);
      return false;
    },
    shutdown: async (timeoutMs) => {
      calls.push(`shutdown ${timeoutMs}`);
    },
    stats: () => ({
      created: test.provider.created,
      open: test.provider.open,
      delivered: 1,
      pending: 0,
      dropped: {},
      destinations: {},
    }),
    esModuleRan: () => undefined,
  });
  const find = (span: RecordingSpan | undefined, what: string): RecordingSpan => {
    if (span === undefined)
      throw new Error(`no ${what}; there are: ${test.ended.map(({ name }) => name).join(', ')}`);
    return span;
  };
  return {
    ...test,
    calls,
    last: () => find(test.ended.at(-1), 'span'),
    named: (name) =>
      find(
        test.ended.find((span) => span.name === name),
        `span "${name}"`,
      ),
  };
}

export function unregister(): void {
  setStatementDescriber(undefined);
  Reflect.deleteProperty(globalThis, Symbol.for('canvasops.register'));
}
