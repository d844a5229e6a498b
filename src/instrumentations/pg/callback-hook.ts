/**
 * Follows the Query that pg makes for a call of query().
 *
 * Nobody is handed that object, but pg assigns its `callback` while making it, and whatever becomes of it (result,
 * error, time-out, lost connection, closed client) reaches that callback. So `callback` is an accessor on the
 * prototype: it puts ours in the place of the app's callback, or of the one that settles the promise which the app
 * gets. The promise itself is never touched, and neither are the app's arguments.
 */
import { enter, leave } from '../../tracing/context';
import { Attached } from '../operations/attached';
import type { AnyFunction } from '../operations/callbacks';
import type { QueryCall } from './submittable';

/** A Query with the call that it was made for. */
class CalledQuery extends Attached {
  #call: QueryCall;

  constructor(query: object, call: QueryCall) {
    super(query);
    this.#call = call;
  }

  static callOf(query: object): QueryCall | undefined {
    return #call in query ? (query as CalledQuery).#call : undefined;
  }
}

export class CallbackHook {
  /** The call for which pg is about to make a Query. */
  private making: QueryCall | undefined;

  callOf(query: object): QueryCall | undefined {
    return CalledQuery.callOf(query);
  }

  /** The client is about to make its Query for that call; undefined: it is done. */
  expect(call: QueryCall | undefined): void {
    this.making = call;
  }

  patch(prototype: object): void {
    const queries = this;
    Object.defineProperty(prototype, 'callback', {
      configurable: true,
      get(this: object): unknown {
        return CalledQuery.callOf(this)?.queryCallback;
      },
      set(this: object, value: unknown): void {
        const known = CalledQuery.callOf(this);
        const call = known ?? queries.take(this);
        // A Query of the app's own: an ordinary property, as it is without us.
        if (call === undefined) putCallback(this, value);
        // What the constructor assigns is the app's; what comes later is pg's.
        else if (typeof value === 'function')
          call.queryCallback = queries.settling(call, value as AnyFunction, known === undefined);
        else call.queryCallback = value;
      },
    });
  }

  private take(query: object): QueryCall | undefined {
    const call = this.making;
    if (call === undefined) return undefined;
    this.making = undefined;
    call.isMade = true;
    new CalledQuery(query, call);
    return call;
  }

  private settling(call: QueryCall, callback: AnyFunction, isApps: boolean): AnyFunction {
    return function queryCallback(this: unknown, ...args: unknown[]): unknown {
      call.finish(args[0]);
      if (isApps) {
        call.queryCallback = callback;
        // It gets the Query as `this`, and finds itself there; an arrow function, as pg-pool's, cannot look.
        if ('prototype' in callback && typeof this === 'object' && this !== null) putCallback(this, callback);
      }
      const outer = enter(call.context);
      try {
        return Reflect.apply(callback, this, args);
      } finally {
        leave(outer);
      }
    };
  }
}

function putCallback(query: object, value: unknown): void {
  Object.defineProperty(query, 'callback', { value, configurable: true, enumerable: true, writable: true });
}
