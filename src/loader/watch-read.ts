/**
 * Sees a method being read from an object, which is what happens right before it is called on that object. The method
 * itself stays the original: no frame of ours stands in a stack trace, and who compares functions finds the same one.
 */
import type { WatchRead } from '../instrumentations/define';
import type { FailureGuard } from './failure-guard';

/**
 * @param failureGuard turned off when `onRead` throws; the read goes on
 * @returns a function that puts an accessor in the place of a method
 */
export function createWatchRead(failureGuard: FailureGuard): WatchRead {
  return function watchRead(prototype, method, onRead): void {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, method);
    if (descriptor === undefined || typeof descriptor.value !== 'function') return;
    let current: unknown = descriptor.value;
    Object.defineProperty(prototype, method, {
      get(this: object): unknown {
        if (failureGuard.on && this !== prototype) {
          try {
            onRead(this);
          } catch (error) {
            failureGuard.fail(error);
          }
        }
        return current;
      },
      /** An assignment does what it would do to a property with a value: libraries replace methods of theirs. */
      set(this: object, value: unknown): void {
        if (this === prototype) current = value;
        else {
          const own = { value, writable: true, enumerable: true, configurable: true };
          Reflect.defineProperty(this, method, own);
        }
      },
      enumerable: descriptor.enumerable === true,
      configurable: true,
    });
  };
}
