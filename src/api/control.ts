/** Counting and emptying what is on its way to the destinations. */
import { currentRuntime, type Stats } from '../tracing/runtime';

const DEFAULT_TIMEOUT_MS = 10_000;

/** Where every span went: `created` = delivered + dropped + what is still open or on its way. */
export function getStats(): Stats {
  return (
    currentRuntime()?.stats() ?? {
      created: 0,
      open: 0,
      delivered: 0,
      pending: 0,
      dropped: {},
      destinations: {},
    }
  );
}

/**
 * Sends everything that has ended so far.
 * @returns whether every destination took it in time
 */
export async function flush(timeoutMs: number = DEFAULT_TIMEOUT_MS): Promise<boolean> {
  return (await currentRuntime()?.flush(timeoutMs)) ?? true;
}

/** Sends everything and stops exporting; spans made later are dropped and counted. */
export async function shutdown(timeoutMs: number = DEFAULT_TIMEOUT_MS): Promise<void> {
  await currentRuntime()?.shutdown(timeoutMs);
}
