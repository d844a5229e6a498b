/**
 * Hosts `@opentelemetry/instrumentation-*` packages that the app has installed, official or third-party: they get our
 * tracer, and their module hooks. Loaded only when CANVASOPS_INSTRUMENTATIONS names one.
 */

import * as nodeModule from 'node:module';
import { createRequire, register as registerLoader } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TracerProvider } from '@opentelemetry/api';

export interface HostOptions {
  /** npm names. */
  readonly names: readonly string[];
  /** Where the app lies, to find them from there. */
  readonly folder: string;
  readonly provider: TracerProvider;
  readonly warn: (message: string) => void;
  readonly debug: (message: string) => void;
}

/** The part of the official `Instrumentation` that every version since 0.50 has. */
interface HostedInstrumentation {
  readonly instrumentationName?: string;
  setTracerProvider(provider: TracerProvider): void;
  getModuleDefinitions?(): readonly { readonly name: string }[];
}

type InstrumentationClass = new () => HostedInstrumentation;

/** Never throws; what cannot be hosted is told in one line each. */
export function hostInstrumentations({ names, folder, provider, warn, debug }: HostOptions): void {
  const fromApp = createRequire(join(folder, 'package.json'));
  /** By the folder of the import-in-the-middle copy they use: the modules that are to be seen when imported. */
  const imports = new Map<string, Set<string>>();
  for (const name of names) {
    try {
      const file = fromApp.resolve(name);
      const classes = Object.values(fromApp(file) as object).filter(isInstrumentation);
      if (classes.length === 0) throw new Error('it exports no instrumentation class');
      for (const Instrumentation of classes) {
        const instrumentation = new Instrumentation();
        instrumentation.setTracerProvider(provider);
        const modules = instrumentation.getModuleDefinitions?.().map((module) => module.name) ?? [];
        debug(
          `hosting ${instrumentation.instrumentationName ?? name} for ${modules.join(', ') || 'builtins'}`,
        );
        remember(imports, file, modules);
      }
    } catch (error) {
      warn(
        `CANVASOPS_INSTRUMENTATIONS names ${name}, which cannot be hosted (${String(error)}); install it in the app, or take the name out`,
      );
    }
  }
  for (const [hook, modules] of imports) {
    try {
      hookImports(hook, [...modules]);
    } catch (error) {
      warn(`what ES modules import cannot be seen by hosted instrumentations: ${String(error)}`);
    }
  }
}

function isInstrumentation(value: unknown): value is InstrumentationClass {
  const prototype =
    typeof value === 'function' ? (value.prototype as Partial<HostedInstrumentation> | undefined) : undefined;
  // The abstract base class has the methods too, but is not exported by instrumentations.
  return typeof prototype?.setTracerProvider === 'function';
}

function remember(imports: Map<string, Set<string>>, file: string, modules: readonly string[]): void {
  // Its hooks live in the copy of import-in-the-middle that its own base package has.
  const base = createRequire(file).resolve('@opentelemetry/instrumentation');
  const hook = dirname(createRequire(base).resolve('import-in-the-middle'));
  const known = imports.get(hook) ?? new Set();
  for (const module of modules) known.add(module);
  imports.set(hook, known);
}

/**
 * In this thread where Node can (`module.registerHooks`, judged by import-in-the-middle itself); else by
 * `module.register`, whose thread costs 30 to 50 ms at the start, and which Node 26 deprecates (DEP0205).
 */
function hookImports(hook: string, include: readonly string[]): void {
  if (include.length === 0) return;
  const require = createRequire(join(hook, 'package.json'));
  if ('registerHooks' in nodeModule) {
    const sync = require('./register-hooks.mjs') as {
      supportsSyncHooks(): boolean;
      register(options: { include: readonly string[] }): void;
    };
    if (sync.supportsSyncHooks()) {
      sync.register({ include });
      return;
    }
  }
  registerLoader(pathToFileURL(join(hook, 'hook.mjs')), { data: { include } });
}
