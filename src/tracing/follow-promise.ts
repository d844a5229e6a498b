/** Sees how a promise of a library settles. docs/decisions/0020-following-promises.md. */

/**
 * The app gets the promise that is made here, since whoever calls `then` on a promise makes its rejection a handled one.
 * This one rejects as the library's does, so an unhandled rejection stays unhandled, is reported once, and a handled one
 * stays handled. It is of the same class, and has the same properties.
 *
 * @param settled called with the value or the error, before any handler of the app; must not throw
 * @returns what the app is to get in the place of `promise`
 */
export function followPromise<T>(
  promise: PromiseLike<T>,
  settled: (failed: boolean, value: unknown) => void,
): PromiseLike<T> {
  const followed = promise.then(
    (value) => {
      settled(false, value);
      return value;
    },
    (error: unknown) => {
      settled(true, error);
      throw error;
    },
  );
  // Libraries add methods to their promises: `cancel`, `on`, an id. Symbols are left: Node puts some on every promise.
  for (const key of Object.getOwnPropertyNames(promise)) {
    const property = Object.getOwnPropertyDescriptor(promise, key);
    if (property !== undefined && !Object.hasOwn(followed, key))
      Object.defineProperty(followed, key, property);
  }
  return followed;
}
