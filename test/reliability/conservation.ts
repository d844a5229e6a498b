/** Runs `fixtures/conservation` and compares its account of its spans with what a receiver decoded. */
import assert from 'node:assert/strict';
import { type Exit, runToExit } from '../helpers/run-app';
import type { ReceivedSpan } from '../helpers/span';

export type Step = Partial<Record<'spans' | 'rate' | 'ms' | 'flush' | 'wait' | 'exit', number>> & {
  text?: string;
  memory?: string;
};

export interface Account extends Exit {
  stats: {
    created: number;
    open: number;
    delivered: number;
    sent?: number;
    pending: number;
    dropped: Record<string, number>;
  };
  memory: Record<string, { held: number; rss: number }>;
  /** Lines of ours. */
  lines: string[];
}

export async function account(
  steps: Step[],
  env: Record<string, string | undefined>,
  nodeArgs: string[] = [],
): Promise<Account> {
  const ended = await runToExit({
    entry: 'fixtures/conservation/app.cjs',
    env: { STEPS: JSON.stringify(steps), OTEL_BSP_SCHEDULE_DELAY: '100', ...env },
    nodeArgs,
    boundMs: 120_000,
  });
  assert.equal(ended.code, 0, ended.stderr);
  const lines = ended.stderr.split('\n').filter((line) => line !== '');
  const told = JSON.parse(ended.stdout.trim().split('\n').at(-1) ?? '') as Pick<Account, 'stats' | 'memory'>;
  return { ...told, code: ended.code, signal: ended.signal, lines };
}

/** `created` = delivered + dropped, and delivered is what arrived, no span twice. `rejected`: taken and thrown away. */
export function assertConserved({ stats }: Account, arrived: readonly ReceivedSpan[], rejected = 0): void {
  assert.equal(stats.open, 0);
  assert.equal(stats.pending, 0);
  const dropped = Object.values(stats.dropped).reduce((sum, count) => sum + count, 0);
  assert.equal(stats.created, stats.delivered + dropped, JSON.stringify(stats));
  assert.equal(
    arrived.length - rejected,
    stats.delivered,
    `${arrived.length} arrived; ${JSON.stringify(stats)}`,
  );
  assert.equal(new Set(arrived.map(({ spanId }) => spanId)).size, arrived.length, 'a span arrived twice');
}
