/**
 * For classes that tie a value to an object of the app without anyone being able to see it: they extend this one with a
 * private field, which is then added to the foreign object, since the constructor returns that. Unlike a symbol it shows
 * up nowhere (inspect, spread, Proxies); unlike a WeakMap, an entry of which costs 300 ns and grows with the number of
 * objects, it costs the garbage collector nothing. Works on frozen objects too.
 *
 * Each such class is written out. Where one function makes several, V8 keeps one set of inline caches for all of them,
 * and each access is a search through the object's properties (docs/decisions/0017-cost-per-span.md); that is what
 * `createHiddenState()` does, for places that few operations pass.
 */
export class Attached {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: this is the whole point, see above
    return object;
  }
}
