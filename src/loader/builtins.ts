/**
 * Sees builtins of Node being loaded, however they are asked for: `require`, `import`, `process.getBuiltinModule`. Asking for
 * them ourselves would load them, which takes time and may print a warning.
 *
 * Node appends a line to `process.moduleLoadList` once a builtin has run (`compileForInternalLoader` in
 * lib/internal/bootstrap/realm.js), before anybody gets its exports. Assigning to an index that an array does not have
 * asks its prototype for a setter: so the list gets a prototype that sees what is appended. No method is replaced, and no
 * hook of modules is set, which the whole app would feel (docs/decisions/0025-builtins-that-load-later.md).
 */
import { isBuiltin } from 'node:module';

const { getBuiltinModule } = process;
const LINE = 'NativeModule ';

/**
 * @param wanted names with `node:` before them; those that this Node does not have are passed over
 * @param onLoad gets the exports, and the name. Must not throw.
 */
export function hookBuiltinLoad(
  wanted: readonly string[],
  onLoad: (exports: unknown, name: string) => void,
): void {
  const list = (process as { moduleLoadList?: unknown }).moduleLoadList;
  if (typeof getBuiltinModule !== 'function' || !Array.isArray(list)) return;
  const waiting = new Map(wanted.filter(isBuiltin).map((name) => [LINE + name.slice('node:'.length), name]));
  if (waiting.size === 0) return;
  const seen = (line: unknown): void => {
    const name = waiting.get(line as string);
    if (name === undefined) return;
    waiting.delete(line as string);
    onLoad(getBuiltinModule(name), name);
    // As it was: an object with the prototype of arrays.
    if (waiting.size === 0 && Object.getPrototypeOf(list) === watching)
      Object.setPrototypeOf(list, Array.prototype);
  };
  const watching: object = new Proxy(Object.create(Array.prototype, { constructor: { value: Array } }), {
    set(_target, key, value: unknown, receiver: object): boolean {
      const isSet = Reflect.defineProperty(receiver, key, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
      if (receiver === list) seen(value);
      return isSet;
    },
  });
  for (const line of waiting.keys()) if (list.includes(line)) seen(line);
  if (waiting.size > 0) Object.setPrototypeOf(list, watching);
}
