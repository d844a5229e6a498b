/**
 * bluebird 2 and 3: callbacks run in the context in which they were given to the promise. bluebird runs them from a
 * queue of its own, so that without us all of them run in the context of whoever made it start on the queue. No spans
 * come from here. docs/decisions/0015 has the evidence, and why bluebird's own `asyncHooks` is not used.
 *
 * Around every callback bluebird calls `_pushContext()` and `_popContext()` of the promise that the callback is for (its
 * long stack traces need that), and right after it made a promise `_captureStackTrace()`. These calls are seen as
 * reads of the methods. What bluebird runs without them is bound by hand, below.
 */
import type { Around, Instrumentation, InstrumentationEnv } from './define';
import { bindAt } from './operations/callbacks';
import { TaskQueue } from './operations/task-queue';

interface Bluebird {
  readonly prototype: Record<string, unknown>;
}

/** Before 2.9, map(), reduce(), join(), using() and coroutines call back without the two methods. */
function isBefore29(version: string): boolean {
  const [major, minor = 0] = version.split('.').map(Number);
  return major === 2 && minor < 9;
}

/** By the state that every promise has, and bluebird's arrays of promises have not. */
function isPromise(value: unknown): boolean {
  return typeof value === 'object' && value !== null && '_bitField' in value;
}

export function create(env: InstrumentationEnv): Instrumentation {
  const queue = new TaskQueue();
  /** What is watched already: copies of bluebird, classes of arrays. */
  const known = new WeakSet<object>();

  const created = (promise: object): void => queue.created(promise);
  const begins = (promise: object): void => queue.callbackBegins(promise);
  const ended = (promise: object): void => queue.callbackEnded(promise);

  const bindFirst: Around<unknown, never> = {
    before: (_promise, args) => bindAt(args, 0),
  };

  /** What a method of a promise calls runs in the context of the promise, where there is no other to go by. */
  const inContextOfPromise: Around<object, object> = {
    before: (promise) => promise,
    contextOf: (promise) => queue.contextOf(promise),
  };

  /** Of bluebird 2. */
  const inContextOfProgress: Around<unknown, object> = {
    before: (_promise, [progression]) => (progression as { promise: object }).promise,
    contextOf: (promise) => queue.contextOf(promise),
  };

  /** Of bluebird before 2.9: a callback for no promise is one of join(), using() or a coroutine. */
  const bindForNoPromise: Around<unknown, never> = {
    before(_promise, args) {
      if (isPromise(args[3])) return undefined;
      bindAt(args, 0);
      return bindAt(args, 1);
    },
  };

  /** Of bluebird before 2.9: an array of promises calls what map() and reduce() were given when one of them settles. */
  function watchArray(array: unknown): undefined {
    if (typeof array !== 'object' || array === null || isPromise(array)) return;
    queue.created(array);
    const prototype = Object.getPrototypeOf(array) as object;
    if (known.has(prototype)) return;
    known.add(prototype);
    env.watchRead(prototype, '_promiseFulfilled', (each) => {
      // Values that are no promises are taken by the call of map() itself, which is in the right context.
      if (queue.has(each)) queue.turnTo(each);
    });
  }

  function watchPromises(Bluebird: Bluebird, version: string): void {
    if (known.has(Bluebird)) return;
    known.add(Bluebird);
    const { prototype } = Bluebird;
    env.watchRead(prototype, '_captureStackTrace', created);
    // Before 2.8 it was called so.
    env.watchRead(prototype, '_setTrace', created);
    env.watchRead(prototype, '_pushContext', begins);
    env.watchRead(prototype, '_popContext', ended);

    // Callbacks of its own, which bluebird calls without the two methods, run for the promise that is being settled.
    env.watchRead(prototype, '_settlePromiseAt', (promise) => queue.turnTo(promise));
    env.watchRead(prototype, '_settlePromise', (promise) => {
      // A promise of promisify() and the like settles in the callback of the function that was promisified.
      if (!queue.isBetweenCallbacks) queue.sectionBegins(promise);
      queue.turnTo(promise);
    });
    env.watchRead(prototype, '_clearCancellationData', (promise) => queue.sectionEnded(promise));

    const hasTwoNames = prototype.asCallback === prototype.nodeify;
    env.wrap(prototype, 'nodeify', bindFirst);
    if (hasTwoNames) prototype.asCallback = prototype.nodeify;
    else env.wrap(prototype, 'asCallback', bindFirst);
    env.wrap(prototype, '_doProgressWith', inContextOfProgress);
    env.wrap(prototype, '_notifyUnhandledRejection', inContextOfPromise);
    if (isBefore29(version)) {
      env.wrap(prototype, '_addCallbacks', bindForNoPromise);
      env.wrap<unknown, never>(prototype, '_proxyPromiseArray', {
        before: (_promise, args) => watchArray(args[0]),
      });
    }
    watchCancellation(Bluebird);
  }

  /** `Promise.config({ cancellation: true })` replaces the method that takes the callbacks of `onCancel()`. */
  function watchCancellation(Bluebird: Bluebird): void {
    const { prototype } = Bluebird;
    let seen = prototype._attachCancellationCallback;
    env.wrap<unknown, true>(Bluebird, 'config', {
      before: () => true,
      after() {
        if (prototype._attachCancellationCallback === seen) return;
        env.wrap(prototype, '_attachCancellationCallback', bindFirst);
        seen = prototype._attachCancellationCallback;
      },
    });
  }

  function watchQueue(exports: object, version: string): void {
    // bluebird 2 has one queue for all, bluebird 3 a class of which every copy of the library has one.
    const prototype = (
      typeof exports === 'function' ? exports.prototype : Object.getPrototypeOf(exports)
    ) as object;
    const drains = (async: object): void => queue.sectionBegins(async);
    env.watchRead(prototype, '_drainQueues', drains);
    env.watchRead(prototype, '_consumeFunctionBuffer', drains);
    env.watchRead(prototype, '_reset', (async) => queue.sectionEnded(async));
    if (!isBefore29(version)) return;
    env.wrap<unknown, never>(prototype, 'invoke', { before: (_async, args) => watchArray(args[1]) });
  }

  return {
    patch: {
      async: (exports: object, { version }) => watchQueue(exports, version),
      promise(create: unknown, { version }) {
        // Makes a copy of the library, also for getNewLibraryCopy().
        const exported = { create };
        env.wrap<unknown, true>(exported, 'create', {
          before: () => true,
          after: (_state, Bluebird) => watchPromises(Bluebird as Bluebird, version),
        });
        return exported.create;
      },
      // Loaded before us, else its promises are watched by now.
      bluebird: (exports: Bluebird, { version }) => watchPromises(exports, version),
    },
  };
}
