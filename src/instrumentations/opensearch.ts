/**
 * @opensearch-project/opensearch 2 and 3: one span per call of the app, from the call until its promise settles or its callback
 * is called.
 *
 * - All calls pass `Transport#request` (lib/Transport.js). It returns an object with `then` and `abort`, behind which there is a
 *   promise that nobody else has. The object stays the app's, and its methods lead to the promise that follows that one.
 * - `Connection#request` is called for each attempt with the object that the call was made with, by which it is known whose
 *   attempt it is. A retry after a timeout runs in the context of whoever opened the socket.
 * - What comes there with another object is asked by the client itself: pings of the pool (lib/pool/ConnectionPool.js), and
 *   which nodes there are (`Transport#sniff`).
 * - The client does not name endpoints. Their names are found by method and path.
 * - An answer that is read as a stream ends the span when its headers are there. The span of the HTTP request goes on.
 */
import type { TraceContext } from '../tracing/context';
import type { Class, Instrumentation, InstrumentationEnv } from './define';
import { type AnyFunction, replaceCallback } from './operations/callbacks';
import { createHiddenState } from './operations/hidden-state';
import { OWN, type SearchCall, SearchDatabase } from './operations/search';

/** What `Transport#request` returns. */
type Answer = Pick<Promise<unknown>, 'then' | 'catch' | 'finally'>;

interface Asked {
  readonly call: SearchCall;
  readonly hasCallback: boolean;
}

export function create(env: InstrumentationEnv): Instrumentation {
  const search = new SearchDatabase(env, 'opensearch');
  /** Of what calls were made with. */
  const calls = createHiddenState<SearchCall>();

  return {
    patch: {
      transport({ prototype }: Class) {
        env.wrap<object, Asked>(prototype, 'request', {
          before(_transport, args) {
            const [params] = args;
            const call = search.begin(params);
            if (call === undefined) return undefined;
            if (typeof params === 'object' && params !== null) calls.set(params, call);
            let hasCallback = false;
            replaceCallback(args, (callback) => {
              hasCallback = true;
              return call.callback(callback);
            });
            return { call, hasCallback };
          },
          contextOf: ({ call }) => call.inside,
          after({ call, hasCallback }, result) {
            if (!hasCallback) follow(call, result as Answer);
            return undefined;
          },
          threw: ({ call }, error) => call.finish(error),
        });
        search.asksForItself(prototype, 'sniff');
      },
      connection({ prototype }: Class) {
        env.wrap<object, TraceContext>(prototype, 'request', {
          before(node, [params]) {
            const call = typeof params === 'object' ? calls.get(params) : undefined;
            call?.sentTo(node);
            return call?.inside ?? OWN;
          },
          contextOf: (context) => context,
        });
      },
    },
  };
}

/** As in tracing/follow-promise.ts: a rejection stays handled, or unhandled, as it was. */
function follow(call: SearchCall, answer: Answer): void {
  if (call.started === undefined) return;
  const followed = answer.then(
    (value: unknown) => {
      call.settle(false, value);
      return value;
    },
    (error: unknown) => {
      call.settle(true, error);
      throw error;
    },
  );
  for (const method of ['then', 'catch', 'finally'] as const)
    Reflect.set(answer, method, (followed[method] as AnyFunction).bind(followed));
}
