/** One operation of a database, from the app's call until it is answered. */
import { types } from 'node:util';
import { activeContext, type TraceContext } from '../../tracing/context';
import { followPromise } from '../../tracing/follow-promise';
import { type AnyFunction, seenCallback } from './callbacks';
import type { DatabaseSpan } from './database';

/** What a library settles by calling one of these two functions of it, which every end passes. */
export interface Settled {
  resolve: (value: unknown) => unknown;
  reject: (error: unknown) => unknown;
}

/** One operation, from the app's call until it is answered. */
export class DatabaseCall {
  /** Of the app's call. */
  readonly context: TraceContext = activeContext();
  /** Whether it has been answered, or has failed. The first end counts: what timed out may still be answered. */
  isDone = false;

  constructor(
    private readonly database: Settling,
    /** undefined where nothing records; the app is called back in its context all the same. */
    readonly started: DatabaseSpan | undefined,
  ) {}

  /**
   * Never throws.
   * @param error what it failed with; undefined or null where it worked
   */
  finish(error?: unknown): void {
    this.settle(error !== undefined && error !== null, error);
  }

  /**
   * Never throws.
   * @param value the answer, or what it failed with, which may be anything
   */
  settle(failed: boolean, value: unknown): void {
    if (this.isDone) return;
    this.isDone = true;
    this.database.settle(this, failed, value);
  }

  /**
   * The error that its span tells, if any: drivers with failures in their answers, or ends that are no failures, say so
   * here. May throw.
   */
  errorOf(failed: boolean, value: unknown): unknown {
    return failed ? (value ?? new Error(`It failed with ${value}`)) : undefined;
  }

  /** The span is about to end: the place to add what was not known when it began. May throw. */
  ending(_error: unknown): void {}

  /**
   * The operation ends when the promise settles, and at once where `result` is none.
   * @returns what the app is to get; see tracing/follow-promise.ts
   */
  follow(result: unknown): unknown {
    if (this.started !== undefined && types.isPromise(result))
      return followPromise(result, (failed, value) => this.settle(failed, value));
    this.settle(false, result);
    return result;
  }

  /** The operation ends with `target`. Handlers on its promise would make a rejection of it a handled one. */
  followSettled(target: Settled): void {
    const call = this;
    const { resolve, reject } = target;
    target.resolve = function (this: unknown, result: unknown): unknown {
      const answer = Reflect.apply(resolve, this, [result]);
      call.settle(false, result);
      return answer;
    };
    target.reject = function (this: unknown, error: unknown): unknown {
      call.settle(true, error);
      return Reflect.apply(reject, this, [error]);
    };
  }

  /** A function that ends the operation and then calls `callback`, in the context of the app's call. */
  callback(callback: AnyFunction): AnyFunction {
    return seenCallback(
      this.context,
      (error, result) => {
        const failed = error !== undefined && error !== null;
        this.settle(failed, failed ? error : result);
      },
      callback,
    );
  }
}

/** What a call is settled by. */
export interface Settling {
  readonly settle: (call: DatabaseCall, failed: boolean, value: unknown) => void;
}
