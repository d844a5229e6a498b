/**
 * Brings requests of the package back into the context they were made in.
 *
 * Two things take them out of it. A pool whose connections are all busy keeps a request and creates it later, from
 * whatever callback frees a connection (undici 8.x learned to restore the context there, 5 to 7 did not). And the
 * handlers that follow redirects and retry send their next request from a callback of the connection, which belongs
 * to the request that opened it. In both cases dispatch() is called again with the same handler, so the context is
 * remembered by the handler. Node's own fetch needs none of this: its agent never queues, and it follows redirects
 * in the caller's own promise chain.
 */
import { activeContext, type TraceContext } from '../../tracing/context';
import type { Around } from '../define';
import { createHiddenState } from '../operations/hidden-state';

/** What is known of a handler that was dispatched. */
interface Dispatch {
  readonly context: TraceContext;
  /** The first one it went to; others are those that it hands on to. */
  readonly dispatcher: object;
  resendCount: number;
}

/** A call of dispatch() in the context of an earlier one. */
interface Again {
  readonly context: TraceContext;
  /** `resendCount` of the request around it. */
  readonly outerCount: number;
}

/** undici's handlers that dispatch themselves again; anyone else's call with a used handler is a new request. */
const RESENDERS: readonly unknown[] = ['RedirectHandler', 'RetryHandler'];

export class Dispatches {
  /** Of the request that is being dispatched right now. */
  resendCount = 0;
  private readonly byHandler = createHiddenState<Dispatch>();

  readonly aroundDispatch: Around<object, Again> = {
    before: (dispatcher, args) => {
      const handler = args[1];
      if (typeof handler !== 'object' || handler === null) return undefined;
      const context = activeContext();
      const known = this.byHandler.get(handler);
      if (known === undefined || (known.dispatcher === dispatcher && !isResender(handler))) {
        this.byHandler.set(handler, { context, dispatcher, resendCount: this.resendCount });
        return undefined;
      }
      if (known.dispatcher === dispatcher) known.resendCount++;
      if (known.context === context && known.resendCount === this.resendCount) return undefined;
      const again: Again = { context: known.context, outerCount: this.resendCount };
      this.resendCount = known.resendCount;
      return again;
    },
    contextOf: ({ context }) => context,
    done: ({ outerCount }) => {
      this.resendCount = outerCount;
    },
  };
}

function isResender(handler: object): boolean {
  return RESENDERS.includes(handler.constructor?.name);
}
