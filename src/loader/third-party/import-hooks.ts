/**
 * What ES modules import reaches hosted instrumentations through import-in-the-middle: a hook of Node's module loader
 * wraps the imported module, and tells the copy of that package with which the instrumentation was built.
 */
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { createRequire, Module, register as registerLoader } from 'node:module';
import { dirname, isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const HOOK_PACKAGE = 'import-in-the-middle';

type Exports = Record<string, unknown>;
type Hook = new (
  modules: readonly string[],
  options: { internals: boolean },
  onImport: (exports: Exports) => void,
) => object;

export class ImportHooks {
  /** By the folder of a copy of import-in-the-middle: the modules that it is to wrap. */
  private readonly modules = new Map<string, Set<string>>();
  /** By the main file of a hosted package: the copy that it uses. */
  private readonly copies = new Map<string, string>();
  /** Main files of copies in whose place ours was put. */
  private readonly replaced = new Set<string>();

  get moduleCount(): number {
    let count = 0;
    for (const names of this.modules.values()) count += names.size;
    return count;
  }

  /**
   * To be called before the code of a hosted package runs.
   * @param file the package's main file
   * @returns whether what ES modules import can reach it
   */
  prepare(file: string): boolean {
    try {
      const base = createRequire(file).resolve('@opentelemetry/instrumentation');
      const main = createRequire(base).resolve(HOOK_PACKAGE);
      this.copies.set(file, dirname(this.isOutdated(main) ? this.replace(main) : main));
      return true;
    } catch {
      return false; // a bundle that has its base class inside
    }
  }

  /**
   * @param file a main file that `prepare` was called with
   * @param modules names of packages, builtins or absolute paths
   */
  add(file: string, modules: readonly string[]): void {
    const copy = this.copies.get(file);
    if (copy === undefined) return;
    const known = this.modules.get(copy) ?? new Set();
    for (const module of modules) known.add(isAbsolute(module) ? pathToFileURL(module).href : module);
    this.modules.set(copy, known);
  }

  /** @throws what Node says when it refuses the hook, under `--permission` for example */
  install(): void {
    for (const main of this.replaced) delete require.cache[main];
    for (const [copy, modules] of this.modules) {
      if (modules.size > 0) hookImports(copy, [...modules]);
    }
  }

  /**
   * Whether a copy is too old to be told which modules to wrap, and to run in the app's thread. The first would wrap every
   * module of the app, the second means `module.register`, which Node 26 deprecates. Nothing can be done about a copy that
   * somebody uses already.
   */
  private isOutdated(main: string): boolean {
    if (this.replaced.has(main)) return true;
    return !existsSync(join(dirname(main), 'register-hooks.mjs')) && require.cache[main] === undefined;
  }

  /** Puts our copy in the place of an outdated one, until the hosted packages are loaded; the app gets its own. */
  private replace(main: string): string {
    const ours = require.resolve(HOOK_PACKAGE);
    const stand = new Module(main);
    stand.exports = require(HOOK_PACKAGE) as unknown;
    stand.loaded = true;
    require.cache[main] = stand;
    this.replaced.add(main);
    return ours;
  }
}

/**
 * In this thread where Node can (`module.registerHooks`, judged by import-in-the-middle itself); else by
 * `module.register`, whose thread costs 30 to 50 ms at the start, and which Node 26 deprecates (DEP0205).
 */
function hookImports(copy: string, include: readonly string[]): void {
  const require = createRequire(join(copy, 'package.json'));
  const Hook = require(copy) as Hook;
  // Registered last, so that it is called after the instrumentations.
  new Hook(include, { internals: false }, namedExportsFollow);
  if ('registerHooks' in nodeModule && existsSync(join(copy, 'register-hooks.mjs'))) {
    const sync = require('./register-hooks.mjs') as {
      supportsSyncHooks(): boolean;
      register(options: { include: readonly string[] }): void;
    };
    if (sync.supportsSyncHooks()) {
      sync.register({ include });
      return;
    }
  }
  registerLoader(pathToFileURL(join(copy, 'hook.mjs')), { data: { include } });
}

/**
 * Several instrumentations patch `default` of an imported CommonJS module only, hapi's for example: `import { server }` and
 * `import * as hapi` had the original still. Wrappers of shimmer's kind name their original.
 */
function namedExportsFollow(exports: Exports): void {
  const whole = exports.default;
  if ((typeof whole !== 'object' && typeof whole !== 'function') || whole === null) return;
  for (const name of Object.keys(exports)) {
    if (name === 'default') continue;
    const patched = Object.getOwnPropertyDescriptor(whole, name)?.value as unknown;
    if (typeof patched !== 'function') continue;
    const { __original: original } = patched as { __original?: unknown };
    if (original !== undefined && original === exports[name]) exports[name] = patched;
  }
}
