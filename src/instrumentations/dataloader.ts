/**
 * dataloader 1 and 2: the batch function runs in the context of the load that put the first key into the batch. Without us it
 * runs in that of whoever made the batch be scheduled: another request where batches have a maximal size (1), or nobody where
 * the app schedules them itself (`batchScheduleFn`, 2). No spans come from here.
 *
 * Version 2 has an object for each batch, with the list that the batch function gets (index.js, getCurrentBatch()). Version 1
 * has one list of keys, and dispatches all of it at once and in order, maybe in several batches (dispatchQueue()).
 */
import { activeContext, type TraceContext } from '../tracing/context';
import type { Class, Instrumentation, InstrumentationEnv } from './define';
import { createHiddenState } from './operations/hidden-state';

interface Loader {
  readonly _batch?: { readonly keys: readonly unknown[] } | null;
  readonly _queue?: readonly unknown[];
}

/** Of version 1. */
interface Loading {
  readonly loader: Loader;
  readonly waiting: number;
}

export function create(env: InstrumentationEnv): Instrumentation {
  const contextOfBatch = createHiddenState<TraceContext>();
  /** Of version 1, by the loader: one for each key that waits. */
  const contextsOfKeys = createHiddenState<TraceContext[]>();
  const known = new WeakSet<object>();

  function watchBatches(loader: Loader): void {
    if (known.has(loader)) return;
    known.add(loader);
    if (loader._queue !== undefined) contextsOfKeys.set(loader, []);
    env.wrap<unknown, TraceContext>(loader, '_batchLoadFn', {
      before: (_loader, [keys]) =>
        contextsOfKeys.get(loader)?.splice(0, (keys as unknown[]).length)[0] ??
        contextOfBatch.get(keys as object),
      contextOf: (context) => context,
    });
  }

  return {
    patch: {
      loader(exports: Class & { readonly default?: Class }) {
        env.wrap<Loader, Loading>((exports.default ?? exports).prototype, 'load', {
          before(loader) {
            watchBatches(loader);
            return { loader, waiting: loader._queue?.length ?? 0 };
          },
          after({ loader, waiting }) {
            const { _batch: batch, _queue: queue } = loader;
            if (queue !== undefined && queue.length > waiting)
              contextsOfKeys.get(loader)?.push(activeContext());
            // The context of the batch is that of its first key.
            if (batch && batch.keys.length > 0 && contextOfBatch.get(batch.keys) === undefined)
              contextOfBatch.set(batch.keys, activeContext());
          },
        });
      },
    },
  };
}
