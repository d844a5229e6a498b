/** Brings instrumentations in: at the moment a registry line's file loads or its channel speaks, and not before. */
import * as diagnosticsChannel from 'node:diagnostics_channel';
import { fileURLToPath } from 'node:url';
import type { TextMapPropagator } from '@opentelemetry/api';
import type { Config } from '../config/types';
import type {
  Instrumentation,
  InstrumentationEnv,
  LoadedFile,
  RegistryEntry,
} from '../instrumentations/define';
import type { RegisterTracerProvider } from '../tracing/tracer';
import type { OfferedSpan } from '../tracing/types';
import { hookBuiltinLoad } from './builtins';
import { openBindings } from './esm/bindings';
import { FailureGuard } from './failure-guard';
import { alreadyLoaded, hookModuleLoad } from './hooks';
import { describeFile, fits, isKnown, outOfRange, type Target, TargetIndex } from './match';
import { MethodStubs } from './method-stubs';
import { makesSpan } from './repeated';
import { createWatchEmit } from './watch-emit';
import { createWatchRead } from './watch-read';
import { createGuard, createWrap } from './wrap';

export type PatchOutcome = 'patched' | 'patched late' | 'out of range' | 'failed';

/** What happened to one file of a known library; for doctor and the debug log. */
export interface PatchReport extends LoadedFile {
  readonly instrumentation: string;
  readonly outcome: PatchOutcome;
}

export interface LoaderOptions {
  readonly registry: readonly RegistryEntry[];
  readonly provider: RegisterTracerProvider;
  readonly config: Config;
  readonly propagator: TextMapPropagator;
  /** Version of this package, as the scope's version. */
  readonly version: string;
  readonly warn: (message: string) => void;
  readonly debug: (message: string) => void;
}

/** As it was when this file was loaded: apps fake it. Not queueMicrotask, a global that may be missing. */
const { nextTick } = process;

type ChannelHandler = (message: unknown) => void;

export class Loader {
  readonly reports: PatchReport[] = [];
  private readonly instrumentations = new Map<string, Instrumentation>();
  /** One per entry, whatever of it fails: it is told of once. */
  private readonly failureGuards = new Map<string, FailureGuard>();
  private readonly said = new Set<string>();
  /** The libraries that are traced when they load. */
  readonly entries: readonly RegistryEntry[];
  private hasSaidRepeated = false;
  /** Names of entries whose library was found in a version that we leave alone. */
  private readonly leftAlone = new Set<string>();
  private readonly stubs = new MethodStubs();
  private readonly esModules: TargetIndex;
  /** The message that brought an instrumentation in, while it is being published. */
  private seen: unknown;

  constructor(private readonly options: LoaderOptions) {
    this.entries = options.registry.filter((entry) => this.isEnabled(entry));
    this.esModules = new TargetIndex(this.entries, 'esm');
  }

  start(): void {
    const { entries } = this;
    const index = new TargetIndex(entries);
    for (const [filename, loaded] of alreadyLoaded()) {
      loaded.exports = this.onFile(index, loaded.exports, filename, true);
    }
    hookModuleLoad(
      (filename) => index.find(filename) !== undefined,
      (exports, filename) => this.onFile(index, exports, filename, false),
    );
    hookBuiltinLoad(
      entries.flatMap(({ builtins = {} }) => Object.values(builtins)),
      (exports, name) => this.onBuiltin(exports, name),
    );
    for (const entry of entries) {
      for (const channel of entry.channels ?? []) this.awaitChannel(entry, channel);
      for (const trigger of entry.methods ?? [])
        this.stubs.add(entry.name, trigger, () => this.bringIn(entry, this.failureGuardOf(entry), false));
    }
  }

  /**
   * An ES module that the registry names has just run. Never throws.
   * @param accessors read and write its bindings; made by the statement at its end
   */
  onEsModule(url: string, accessors: Record<string, unknown>): void {
    try {
      const { bindings, restore } = openBindings(accessors);
      const reported = this.reports.length;
      this.onFile(this.esModules, bindings, fileURLToPath(url), false);
      if (this.reports.slice(reported).some(({ outcome }) => outcome === 'failed')) restore();
    } catch (error) {
      this.options.debug(`${url} could not be looked at: ${String(error)}`);
    }
  }

  /** Whether one of ours makes a span that an instrumentation of the app's, or a framework, is about to make. */
  repeats(offered: OfferedSpan): boolean {
    for (const entry of this.entries) {
      if (!makesSpan(entry, offered) || this.leftAlone.has(entry.name)) continue;
      if (entry.serverSpanScope === offered.name) return true;
      // Sentry has one name for all clients of Redis, of which ours may not be there.
      if (entry.channels === undefined && !this.instrumentations.has(entry.name)) continue;
      // What the library brings along is nothing that anybody has set up.
      if (entry.ownScope !== offered.name) this.sayRepeated(offered.tracer, entry);
      return true;
    }
    return false;
  }

  /** Once: the official distribution brings many. */
  private sayRepeated(tracer: string, { name, group = name }: RegistryEntry): void {
    if (this.hasSaidRepeated) return;
    this.hasSaidRepeated = true;
    this.options.warn(
      `${tracer} is here too; spans that it would repeat are left out. To leave them to it: CANVASOPS_INSTRUMENTATIONS_DISABLED=${group}.`,
    );
  }

  private isEnabled({ name, group = name, kind }: RegistryEntry): boolean {
    const { enabledInstrumentations: enabled, disabledInstrumentations: disabled } = this.options.config;
    if (disabled.includes(name) || disabled.includes(group)) return false;
    // It makes no spans of its own, and puts those of the libraries that were asked for under the right request.
    if (kind === 'context') return true;
    return enabled === undefined || enabled.includes(name) || enabled.includes(group);
  }

  /** The exports to go on with. Never throws. */
  private onFile(index: TargetIndex, exports: unknown, filename: string, late: boolean): unknown {
    const found = index.find(filename);
    if (found === undefined) return exports;
    const loaded = describeFile(found.path);
    let result = exports;
    for (const target of found.targets) {
      if (fits(target, loaded)) result = this.patch(target, result, loaded, late);
      else if (!isKnown(target.entry, loaded)) this.leaveAlone(target, loaded);
    }
    return result;
  }

  /** A builtin has been loaded. It is patched in place. Never throws. */
  private onBuiltin(exports: unknown, name: string): void {
    const loaded = { package: name, version: process.versions.node, file: '' };
    for (const entry of this.entries) {
      for (const [part, builtin] of Object.entries(entry.builtins ?? {}))
        if (builtin === name) this.patch({ entry, part }, exports, loaded, false);
    }
  }

  private patch(
    { entry, part }: Omit<Target, 'target'>,
    exports: unknown,
    loaded: LoadedFile,
    late: boolean,
  ): unknown {
    const failureGuard = this.failureGuardOf(entry);
    try {
      const replaced = this.bringIn(entry, failureGuard, true)?.patch?.[part]?.(exports as never, loaded);
      this.report(entry, loaded, failureGuard.on ? (late ? 'patched late' : 'patched') : 'failed');
      return replaced ?? exports;
    } catch (error) {
      this.report(entry, loaded, 'failed');
      this.leftAlone.add(entry.name);
      failureGuard.fail(error, `could not instrument ${loaded.package} ${loaded.version}`);
      return exports;
    }
  }

  /** Nothing that the entry says of the file is for its version. */
  private leaveAlone(target: Target, loaded: LoadedFile): void {
    this.report(target.entry, loaded, 'out of range');
    this.leftAlone.add(target.entry.name);
    this.sayOnce(outOfRange(target, loaded));
  }

  private report(entry: RegistryEntry, loaded: LoadedFile, outcome: PatchOutcome): void {
    this.reports.push({ ...loaded, instrumentation: entry.name, outcome });
    this.options.debug(`${loaded.package}@${loaded.version} ${loaded.file}: ${outcome}`);
  }

  private sayOnce(message: string): void {
    if (this.said.has(message)) return;
    this.said.add(message);
    this.options.warn(message);
  }

  private failureGuardOf({ name }: RegistryEntry): FailureGuard {
    const known = this.failureGuards.get(name);
    if (known !== undefined) return known;
    const failureGuard = new FailureGuard(name, this.options.warn);
    this.failureGuards.set(name, failureGuard);
    return failureGuard;
  }

  /**
   * Loads an instrumentation's file, once; undefined if it has failed.
   *
   * @param hasFiles Whether one of the library's files is the reason.
   */
  private bringIn(
    entry: RegistryEntry,
    failureGuard: FailureGuard,
    hasFiles: boolean,
  ): Instrumentation | undefined {
    if (!failureGuard.on) return undefined;
    const known = this.instrumentations.get(entry.name);
    if (known !== undefined) return known;
    const { provider, config, propagator, version } = this.options;
    const env: InstrumentationEnv = {
      tracer: provider.getTracer(`@canvasops/register/${entry.name}`, version),
      config,
      propagator,
      wrap: createWrap(failureGuard),
      watchEmit: createWatchEmit(failureGuard),
      watchRead: createWatchRead(failureGuard),
      guard: createGuard(failureGuard),
      active: () => failureGuard.on,
      hasFiles,
    };
    try {
      const instrumentation = entry.load().create(env);
      this.instrumentations.set(entry.name, instrumentation);
      instrumentation.enable?.();
      for (const [channel, handler] of Object.entries(instrumentation.channels ?? {})) {
        diagnosticsChannel.subscribe(channel, this.guarded(handler, failureGuard));
      }
      return instrumentation;
    } catch (error) {
      failureGuard.fail(error, 'could not be started');
      return undefined;
    }
  }

  private awaitChannel(entry: RegistryEntry, channel: string): void {
    const failureGuard = this.failureGuardOf(entry);
    const onFirst = (message: unknown): void => {
      diagnosticsChannel.unsubscribe(channel, listener);
      if (this.instrumentations.has(entry.name)) return;
      const handler = this.bringIn(entry, failureGuard, false)?.channels?.[channel];
      if (handler === undefined) return;
      // Whether a subscriber that joins in the middle of a message still gets it differs between versions of Node.
      this.seen = message;
      nextTick(() => {
        this.seen = undefined;
      });
      handler(message);
    };
    const listener = this.guarded(onFirst, failureGuard);
    diagnosticsChannel.subscribe(channel, listener);
  }

  private guarded(handler: ChannelHandler, failureGuard: FailureGuard): diagnosticsChannel.ChannelListener {
    return (message) => {
      if (!failureGuard.on || message === this.seen) return;
      try {
        handler(message);
      } catch (error) {
        // A subscriber's exception would reach the app as an uncaught one (Node's channel.publish).
        failureGuard.fail(error);
      }
    };
  }
}
