/** The pool of mssql, which is one of tarn's with connections of tedious. */
import { SUPPRESSED_CONTEXT } from '../../tracing/context';
import type { InstrumentationEnv } from '../define';
import { runsInside } from '../operations/callbacks';
import { watchPool } from '../operations/pool-wait';
import { type Options, serverAt } from './request';

/** What tarn calls its counts. */
interface TarnPool {
  numUsed(): number;
  numFree(): number;
  numPendingAcquires(): number;
}

interface MssqlPool {
  readonly config: Options & { readonly server?: unknown; readonly options?: Options };
  readonly pool?: TarnPool | null;
}

export function watchMssqlPool(env: InstrumentationEnv, prototype: object): void {
  runsInside(env, prototype, SUPPRESSED_CONTEXT, '_poolValidate');
  // `acquire` is that of the class for all drivers.
  watchPool<MssqlPool>(env, { lost: () => undefined }, Object.getPrototypeOf(prototype) as object, {
    queries: [],
    acquire: 'acquire',
    read: () => undefined,
    serverOf: ({ config: { server, port, database, options } }) =>
      serverAt(server, { ...options, port, database }),
    counts: ({ pool }) => ({
      size: (pool?.numUsed() ?? 0) + (pool?.numFree() ?? 0),
      idle: pool?.numFree() ?? 0,
      waiting: pool?.numPendingAcquires() ?? 0,
    }),
  });
}
