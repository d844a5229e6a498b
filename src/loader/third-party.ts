/**
 * Hosts OpenTelemetry instrumentation packages that the app has installed, official or third-party: they get our tracer,
 * and their module hooks. Loaded only when CANVASOPS_INSTRUMENTATIONS names one.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { TracerProvider } from '@opentelemetry/api';
import type { RegistryEntry } from '../instrumentations/define';
import { firstLine } from '../text/thrown';
import { isDistribution, membersToHost } from './third-party/distribution';
import { ImportHooks } from './third-party/import-hooks';
import { constructorOptions, outOfReach, type Variables } from './third-party/options';
import { type ModuleDefinition, unsupported } from './third-party/versions';

export interface HostOptions {
  /** npm names, as CANVASOPS_INSTRUMENTATIONS has them. */
  readonly names: readonly string[];
  /** Where the app lies, to find them from there. */
  readonly folder: string;
  /** For packages that are named: what the user asked for is made, also where ours makes the same span. */
  readonly provider: TracerProvider;
  /** For packages that came with a distribution: what ours makes is not made twice. */
  readonly deduplicatingProvider: TracerProvider;
  readonly registry: readonly RegistryEntry[];
  /** The entries of the registry that are switched on. */
  readonly enabled: readonly RegistryEntry[];
  readonly variables: Variables;
  readonly warn: (message: string) => void;
  readonly debug: (message: string) => void;
}

/** The part of the official `Instrumentation` that is read here. */
interface HostedInstrumentation {
  readonly instrumentationName?: string;
  setTracerProvider(provider: TracerProvider): void;
  /** Since 0.57 of `@opentelemetry/instrumentation`. */
  getModuleDefinitions?(): readonly ModuleDefinition[];
  /** Where older ones keep them: OpenInference's are built on 0.46. */
  readonly _modules?: readonly ModuleDefinition[];
}

type InstrumentationClass = new (options?: object) => HostedInstrumentation;

/** One package to be hosted. */
interface Candidate {
  readonly name: string;
  /** The file whose dependencies it is looked for among. */
  readonly from: string;
  readonly provider: TracerProvider;
}

/**
 * Never throws; what cannot be hosted is told in one line each.
 * @param options what to host, and what the hosted get
 */
export function hostInstrumentations(options: HostOptions): void {
  const { names, folder, provider, warn, debug } = options;
  const hooks = new ImportHooks();
  const app = join(folder, 'package.json');
  for (const name of names) {
    try {
      const candidates = isDistribution(name) ? membersOf(app, options) : [{ name, from: app, provider }];
      for (const candidate of candidates) host(candidate, hooks, options);
    } catch (error) {
      warn(
        `CANVASOPS_INSTRUMENTATIONS names ${name}, which cannot be hosted (${firstLine(error)}); install it in the app, or take the name out`,
      );
    }
  }
  for (const variable of outOfReach(options.variables)) {
    warn(
      `${variable} is set in the .env file, where hosted instrumentations do not look; set it in the environment (node --env-file=.env does it)`,
    );
  }
  try {
    hooks.install();
  } catch (error) {
    warn(`what ES modules import cannot be seen by hosted instrumentations: ${firstLine(error)}`);
  }
  debug(`hosting ended with ${hooks.moduleCount} modules that are seen when ES modules import them`);
}

function membersOf(app: string, options: HostOptions): Candidate[] {
  const { file, members } = membersToHost({ ...options, app });
  return members.map((name) => ({ name, from: file, provider: options.deduplicatingProvider }));
}

function host(
  { name, from, provider }: Candidate,
  hooks: ImportHooks,
  { folder, variables, warn, debug }: HostOptions,
): void {
  const require = createRequire(from);
  const file = require.resolve(name);
  const canHook = hooks.prepare(file);
  const exports = Object.values(require(file) as object);
  const classes = new Set(exports.filter(isInstrumentation));
  if (classes.size === 0) throw new Error('it exports no instrumentation class');
  const folders = createRequire(join(folder, 'package.json')).resolve.paths(name) ?? [];
  for (const Instrumentation of classes) {
    const instrumentation = new Instrumentation(constructorOptions(name, variables));
    instrumentation.setTracerProvider(provider);
    const definitions = instrumentation.getModuleDefinitions?.() ?? instrumentation._modules;
    for (const reason of unsupported(definitions ?? [], folders)) warn(`no spans by ${name}: ${reason}`);
    const modules = definitions?.map((module) => module.name) ?? [];
    debug(`hosting ${instrumentation.instrumentationName ?? name} for ${modules.join(', ') || 'no module'}`);
    if (definitions === undefined || (!canHook && modules.length > 0)) {
      warn(
        `${name} is hosted, but sees only what CommonJS modules require: it ${definitions === undefined ? 'does not tell which modules it patches' : 'has no @opentelemetry/instrumentation of its own'}; use a newer version of it in ES modules`,
      );
    } else {
      hooks.add(file, modules);
    }
  }
}

function isInstrumentation(value: unknown): value is InstrumentationClass {
  const prototype =
    typeof value === 'function' ? (value.prototype as Partial<HostedInstrumentation> | undefined) : undefined;
  // The abstract base class has the methods too, but is not exported by instrumentations.
  return typeof prototype?.setTracerProvider === 'function';
}
