/** Operations that end when the iterator of their rows has been read, or is left early. */
import type { Around, InstrumentationEnv } from '../define';
import { Attached } from './attached';
import type { DatabaseCall } from './database-call';

/** An iterator with the call that it was made for. */
class CalledIterator extends Attached {
  readonly #call: DatabaseCall;

  constructor(iterator: object, call: DatabaseCall) {
    super(iterator);
    this.#call = call;
  }

  static callOf(iterator: object): DatabaseCall | undefined {
    return #call in iterator ? (iterator as CalledIterator).#call : undefined;
  }
}

/** What has the methods of iterators, and is watched: their class, or an iterator that has them itself. */
class WatchedIterators extends Attached {
  readonly #isWatched = true;

  static has(owner: object): boolean {
    return #isWatched in owner;
  }
}

/** The call ends with the iterator; where the result is none, at once. */
export function watchIteration(env: InstrumentationEnv, call: DatabaseCall, result: unknown): void {
  if (typeof result !== 'object' || result === null) {
    call.settle(false, result);
    return;
  }
  new CalledIterator(result, call);
  const owner = Object.hasOwn(result, 'next') ? result : (Object.getPrototypeOf(result) as object);
  if (WatchedIterators.has(owner)) return;
  new WatchedIterators(owner);
  const around = (isOver: (answer: unknown) => boolean): Around<object, DatabaseCall> => ({
    before(iterator) {
      const known = CalledIterator.callOf(iterator);
      return known?.isDone === false ? known : undefined;
    },
    after(known, answer) {
      if (isOver(answer)) known.finish();
    },
    threw: (known, error) => known.finish(error),
  });
  env.wrap(
    owner,
    'next',
    around((answer) => (answer as IteratorResult<unknown>).done === true),
  );
  env.wrap(
    owner,
    'return',
    around(() => true),
  );
}
