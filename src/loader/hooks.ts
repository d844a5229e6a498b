/**
 * Sees every CommonJS file right after it ran, however it was asked for: `require`, `import` of a CommonJS
 * package from ESM, and through tsx or ts-node. All of these end in Module.prototype.load (Node 20 to 26), so one
 * wrapped method sees each file once, with its absolute path. docs/decisions/0002-module-load-hook.md has the
 * evidence, and why this is not done through require-in-the-middle.
 */
import Module from 'node:module';

interface LoadableModule {
  exports: unknown;
}

type Load = (this: LoadableModule, filename: string) => unknown;

/** Gets the exports of a file that has just run; returns what takes their place (usually the same object). */
export type OnLoad = (exports: unknown, filename: string) => unknown;

/** `onLoad` must not throw. */
export function hookModuleLoad(onLoad: OnLoad): void {
  const prototype = (Module as unknown as { prototype: { load: Load } }).prototype;
  const original = prototype.load;
  prototype.load = function load(this: LoadableModule, filename: string): unknown {
    // `arguments`, not `filename`: loaders that wrap this method may pass more.
    // biome-ignore lint/complexity/noArguments: see above
    const result = Reflect.apply(original, this, arguments);
    const exports = this.exports;
    const replaced = onLoad(exports, filename);
    if (replaced !== exports) this.exports = replaced;
    return result;
  };
}

/** Files that ran before us, with their exports. */
export function alreadyLoaded(): [filename: string, loaded: LoadableModule][] {
  const cache = (Module as unknown as { _cache: Record<string, LoadableModule | undefined> })._cache;
  return Object.entries(cache).filter((entry): entry is [string, LoadableModule] => entry[1] !== undefined);
}
