/**
 * An `emit` behind an accessor: for an event whose context has been entered already, the one who emits it gets Node's own
 * function, so that nothing of ours is in the stack of the listeners.
 */
import type { FailureGuard } from './failure-guard';
import type { AnyFunction } from './wrap';

/**
 * Puts the accessor in the place of a replaced `emit`, as visible as that is. Who assigns to it, on the prototype or on an
 * object that inherits it, gets the property that an assignment makes without us.
 * @param original what the replacement calls
 * @param takeEntered asked at each reading of `emit`, for the object it is read from
 */
export function showOriginalWhere<Emitter extends object>(
  takeEntered: (emitter: Emitter) => boolean,
  prototype: Emitter,
  original: AnyFunction,
  failureGuard: FailureGuard,
): void {
  const replaced = Object.getOwnPropertyDescriptor(prototype, 'emit');
  if (replaced === undefined) return;
  const watched = replaced.value as AnyFunction;
  Object.defineProperty(prototype, 'emit', {
    get(this: Emitter): AnyFunction {
      try {
        return takeEntered(this) ? original : watched;
      } catch (error) {
        failureGuard.fail(error);
        return watched;
      }
    },
    set(this: object, value: unknown): void {
      Object.defineProperty(this, 'emit', { value, writable: true, enumerable: true, configurable: true });
    },
    enumerable: replaced.enumerable === true,
    configurable: true,
  });
}
