/**
 * Sees every CommonJS file right after it ran, however it was asked for: `require`, `import` of a CommonJS
 * package from ESM, and through tsx or ts-node. All of these end in Module.prototype.load (Node 20 to 26), which sets
 * `module.loaded` once the file has run. docs/decisions/0002-module-load-hook.md has the evidence, and why this is not
 * done through require-in-the-middle.
 *
 * No method is replaced: a wrapper would stand in the stack trace of every error that is thrown while a module loads,
 * and push a frame of the app's out of the ten that are kept. Node's constructor of modules sets `loaded` to false;
 * a setter on the prototype sees that, and watches the `loaded` of those modules whose files are wanted. All others
 * have the property that Node gives them.
 */
import Module from 'node:module';

interface LoadableModule {
  readonly id?: unknown;
  exports: unknown;
}

/** Gets the exports of a file that has just run; returns what takes their place (usually the same object). */
export type OnLoad = (exports: unknown, filename: string) => unknown;

/** `isWanted` is asked for every module that is made, by the file it is for. Neither function may throw. */
export function hookModuleLoad(isWanted: (filename: string) => boolean, onLoad: OnLoad): void {
  const { prototype } = Module as unknown as { prototype: object };
  Object.defineProperty(prototype, 'loaded', {
    get: () => undefined,
    set(this: LoadableModule, value: unknown): void {
      const filename = this.id;
      if (value === false && typeof filename === 'string' && isWanted(filename)) {
        watchLoaded(this, filename, onLoad);
      } else {
        setLoaded(this, value);
      }
    },
    enumerable: false,
    configurable: true,
  });
}

function watchLoaded(module: LoadableModule, filename: string, onLoad: OnLoad): void {
  Object.defineProperty(module, 'loaded', {
    get: () => false,
    set(this: object, value: unknown): void {
      setLoaded(this, value);
      if (this !== module || value !== true) return;
      const { exports } = module;
      const replaced = onLoad(exports, filename);
      if (replaced !== exports) module.exports = replaced;
    },
    enumerable: true,
    configurable: true,
  });
}

/** As an assignment would, were there no setter. */
function setLoaded(module: object, value: unknown): void {
  Object.defineProperty(module, 'loaded', { value, writable: true, enumerable: true, configurable: true });
}

/** Files that ran before us, with their exports. */
export function alreadyLoaded(): [filename: string, loaded: LoadableModule][] {
  const cache = (Module as unknown as { _cache: Record<string, LoadableModule | undefined> })._cache;
  return Object.entries(cache).filter((entry): entry is [string, LoadableModule] => entry[1] !== undefined);
}
