/** What an instrumentation is: one registry entry (data, always loaded) and one file (code, loaded when it is needed). */
import type { TextMapPropagator } from '@opentelemetry/api';
import type { Config } from '../config/types';
import type { TraceContext } from '../tracing/context';
import type { SPAN_KINDS } from '../tracing/span-kind';
import type { RegisterTracer } from '../tracing/tracer';

/** The spans an instrumentation makes. `context`: none, it keeps those of others under the right parent. */
export type OperationKind =
  | 'http-server'
  | 'http-client'
  | 'framework'
  | 'database'
  | 'model'
  | 'messaging'
  | 'context';

/** Files of one npm package that are patched right after they were loaded. */
export interface PackageTarget {
  /** npm name. */
  readonly package: string;
  /** `>=8.0.0 <9.0.0`: comparators separated by blanks, all must hold; alternatives separated by `||`. */
  readonly versions: string;
  /**
   * Paths inside the package, with `/`, by the name of the part that patches them. Several paths of one part are where
   * versions of the package, or clients of it, keep the same thing.
   */
  readonly files: PartNames;
  /**
   * The same for files that are ES modules: `.mjs`, or `.js` in a package of type `module`. The same part may be in both,
   * where a package has two builds.
   */
  readonly esm?: PartNames;
  /**
   * What the parts in `esm` are given of their module: names that it declares at its top level, exported or not, as they are
   * called inside of it. Names of all versions and files of a part may stand here; a module that lacks one gives none.
   */
  readonly bindings?: PartNames;
}

/** Paths or names, by the name of the part that they are for. */
export type PartNames = Readonly<Record<string, readonly string[]>>;

/** Kinds of span, as `SpanKind` of the OpenTelemetry API names them. */
export type SpanKindName = (typeof SPAN_KINDS)[number];

/** A method of a builtin whose first call brings the instrumentation in, where Node has no channel for it. */
export interface MethodTrigger {
  readonly builtin: string;
  /** `Agent.prototype` */
  readonly path: readonly string[];
  readonly method: string;
}

export interface RegistryEntry {
  /** Name of the switch in CANVASOPS_INSTRUMENTATIONS_ENABLED and _DISABLED. */
  readonly name: string;
  /** Another name that switches it, with others: `http` stands for server and client. */
  readonly group?: string;
  readonly kind: OperationKind;
  /** Kinds of the spans that it makes; none where it only adds to those of others. */
  readonly spans: readonly SpanKindName[];
  /** For the table of supported libraries; its words are what people may write for `name` by mistake. */
  readonly title: string;
  readonly packages: readonly PackageTarget[];
  /** Builtins that are patched when they load, such as `node:sqlite`, by the name of the part that patches them. */
  readonly builtins?: Readonly<Record<string, string>>;
  /** For builtins and libraries that publish: the first message on one of these brings the instrumentation in. */
  readonly channels?: readonly string[];
  readonly methods?: readonly MethodTrigger[];
  /** npm name of the OpenTelemetry instrumentation that makes the same spans: beside ours, it is to make none. */
  readonly official?: string;
  /** Scope of the server span that the framework makes by itself: within a span of ours it is to make none. */
  readonly serverSpanScope?: string;
  /** Scope of the spans that the library makes by itself, of the kinds in `spans`: they repeat ours, and none is made. */
  readonly ownScope?: string;
  /**
   * Other names under which such spans are made, with the same consequence: tracers of copies that a vendor has
   * changed, and what Sentry's spans have as `sentry.origin` (they all come from one tracer).
   */
  readonly repeatedBy?: readonly string[];
  /** Requires the instrumentation's file. */
  readonly load: () => { readonly create: CreateInstrumentation };
}

export interface InstrumentationEnv {
  /** Makes spans under the instrumentation's own scope. */
  readonly tracer: RegisterTracer;
  readonly config: Config;
  /** The configured propagators as one. */
  readonly propagator: TextMapPropagator;
  /** Wraps a method; see loader/wrap.ts. */
  readonly wrap: Wrap;
  /** Wraps `emit` of a prototype of event emitters; see loader/watch-emit.ts. */
  readonly watchEmit: WatchEmit;
  /** Sees a method of a prototype being read; see loader/watch-read.ts. */
  readonly watchRead: WatchRead;
  /** Keeps our failures away from the app where no wrapped method does; see loader/wrap.ts. */
  readonly guard: Guard;
  /** False once the instrumentation has been switched off after a failure of its own. */
  readonly active: () => boolean;
  /** Whether the library has been loaded from its files. Where it is part of a bundle, it can only be heard on channels. */
  readonly hasFiles: boolean;
}

export interface LoadedFile {
  /** npm name. */
  readonly package: string;
  readonly version: string;
  readonly file: string;
}

export interface Instrumentation {
  /** By the names that the entry gives to its files. */
  readonly patch?: Readonly<Record<string, Patch>>;
  /** Called once, when a trigger fired. */
  enable?(): void;
  /** Handlers of diagnostics channels, subscribed when the instrumentation comes in. */
  readonly channels?: Readonly<Record<string, (message: unknown) => void>>;
}

/**
 * Called once per loaded file. Patches `exports` in place, or returns what is to take their place. May throw: the module
 * then stays as it is. Each says which part of the exports it uses: `never` takes functions of any argument.
 *
 * For an ES module `exports` is an object with the part's `bindings`. Reading a property reads the variable of the module,
 * and assigning to it assigns to the variable, which whoever imports it sees, also by `export default name`. A `const`
 * throws then. Nothing can take the place of the module, so what is returned is not used.
 */
export type Patch = (exports: never, loaded: LoadedFile) => unknown;

/** A class of the library's, among the exports of a file. */
export interface Class {
  readonly prototype: object;
}

export type CreateInstrumentation = (env: InstrumentationEnv) => Instrumentation;

/**
 * What a wrapped call does around the original. None of these can reach the app: an exception in one of them
 * switches the instrumentation off and the app's own call goes on.
 */
export interface Around<This, State> {
  /** Looks at a call that is about to happen. `undefined`: nothing to do, the original runs untouched. */
  before(self: This, args: unknown[]): State | undefined;
  /** The context that the original is to run in; the caller's own without it. */
  contextOf?(state: State): TraceContext;
  /** The original is over, however it ended: the place to undo what `before` has set for its time. */
  done?(state: State): void;
  /** The call returned. What it returns here takes the place of the result, unless it is `undefined`. */
  after?(state: State, result: unknown, self: This, args: unknown[]): unknown;
  /** The call threw. The app gets the same error. */
  threw?(state: State, error: unknown, self: This, args: unknown[]): void;
}

/** Replaces `owner[method]`. Does nothing where there is no such method. Name, length and properties are kept. */
export type Wrap = <This, State>(
  owner: object | undefined,
  method: string,
  around: Around<This, State>,
) => void;

/**
 * The same function, which never throws: an exception in it switches the instrumentation off. It still runs afterwards,
 * so that spans which have begun are ended.
 */
export type Guard = <Arguments extends unknown[]>(
  fn: (...args: Arguments) => void,
) => (...args: Arguments) => void;

/** What is done around the events of a kind of emitter. As with {@link Around}, no exception of it reaches the app. */
export interface EmitWatcher<Emitter extends object> {
  /**
   * The context that the event's listeners are to run in; undefined: the event is let through as it is.
   * `first` and `second` are what the listeners get.
   */
  contextOf(emitter: Emitter, event: unknown, first: unknown, second: unknown): TraceContext | undefined;
  /**
   * Whether the event that is about to be emitted runs in its context already. Called at each reading of the emitter's
   * `emit`; where it is true, the reader gets the original, and `contextOf` is not asked.
   */
  readonly takeEntered?: ((emitter: Emitter) => boolean) | undefined;
  /** After the listeners of an event that ran in a context, however they ended. */
  emitted?(emitter: Emitter, event: unknown): void;
}

export type WatchEmit = <Emitter extends object>(prototype: Emitter, watcher: EmitWatcher<Emitter>) => void;

/**
 * Calls `onRead` with the object whenever `method` is read from an object that inherits it from `prototype`. Does
 * nothing where `prototype` has no such method. An exception of `onRead` never reaches the app.
 */
export type WatchRead = (prototype: object, method: string, onRead: (object: object) => void) => void;
