/**
 * The life of a span of a model: what an ORM does for one call of the app, above the statements that it sends for it. ORMs
 * call their own methods, for includes, hooks and saved relations: what is called within such a span makes no further one.
 */
import { types } from 'node:util';
import { redactDatabaseMessage } from '../../redaction/database/error-message';
import { rememberSafeMessage, safeMessage, sanitizeErrorType } from '../../redaction/error-text';
import { literal, type Sanitized, sanitizeName } from '../../redaction/sanitized';
import { activeContext, type TraceContext } from '../../tracing/context';
import { errorFacts } from '../../tracing/exception';
import { followPromise } from '../../tracing/follow-promise';
import { RepeatedStatements } from '../../tracing/repeated-statements';
import { ERROR_TYPE, STATUS_ERROR } from '../../tracing/semconv';
import { RecordingSpan } from '../../tracing/span';
import { KIND_INTERNAL } from '../../tracing/span-kind';
import type { InstrumentationEnv } from '../define';
import { Attached } from './attached';
import { isParentRequired, mayLackParent } from './require-parent';

/** As the manual API has them, and `read`. */
export type ModelOperation = 'create' | 'read' | 'update' | 'delete' | 'save' | 'bulk_create' | 'bulk_update';

export interface ModelMethods<This> {
  /** What each method does to the model. */
  readonly operations: Readonly<Record<string, ModelOperation>>;
  /** The name of the model. undefined: the call is about none, and makes no span. May throw. */
  modelOf(self: This, args: readonly unknown[]): unknown;
  /** How many rows or documents it was about, as far as the result tells. May throw. */
  countOf?(result: unknown, method: string): number | undefined;
}

/** What one call is about. */
export interface ModelFacts {
  /** The name of the model. Anything but a text: the call is about none, and makes no span. */
  readonly model: unknown;
  readonly operation: ModelOperation;
  /** The method that the app called. */
  readonly method: string;
  /** How many rows or documents it was about, as far as the result tells. May throw. */
  readonly countOf?: ((result: unknown) => number | undefined) | undefined;
}

/** The span of a model, by which calls within it are known. */
class ModelSpan extends Attached {
  readonly #outer: TraceContext;

  constructor(span: object, outer: TraceContext) {
    super(span);
    this.#outer = outer;
  }

  static has(span: object): boolean {
    return #outer in span && !(span as unknown as RecordingSpan).ended;
  }

  static outerOf(span: object): TraceContext | undefined {
    return #outer in span ? (span as ModelSpan).#outer : undefined;
  }
}

/** The context in which the app called the model whose span is active. For statements that are sent for several calls at once. */
export function outsideOfModel(context: TraceContext): TraceContext {
  return (context.span && ModelSpan.outerOf(context.span)) ?? context;
}

interface ModelCall {
  readonly facts: ModelFacts;
  readonly span: RecordingSpan;
  readonly context: TraceContext;
}

export class Models {
  private readonly settle: (
    span: RecordingSpan,
    failed: boolean,
    value: unknown,
    count: ((value: unknown) => number | undefined) | undefined,
  ) => void;

  /**
   * @param messageOf what an error of the ORM's own says, where its message quotes values in a way of its own. undefined: it is
   *   like that of a database
   */
  constructor(
    private readonly env: InstrumentationEnv,
    messageOf: (error: unknown) => Sanitized | undefined = () => undefined,
  ) {
    this.settle = env.guard((span, failed, value, count) => {
      if (failed) fail(span, value, messageOf(value));
      else span.put('canvasops.model.count', count?.(value));
      RepeatedStatements.leave(span);
      span.end();
    });
  }

  /**
   * Watches methods of an ORM that work with models. They return promises that are on their way: what has still to be awaited
   * to begin (a query builder) is watched where it begins; see {@link watchCall}.
   * @param owner has the methods: a class for static ones, else its prototype
   */
  watch<This extends object>(owner: object | undefined, methods: ModelMethods<This>): void {
    const { modelOf, countOf } = methods;
    for (const [method, operation] of Object.entries(methods.operations)) {
      const count = countOf && ((result: unknown) => countOf(result, method));
      this.watchCall<This>(owner, method, (self, args) => {
        return { model: modelOf(self, args), operation, method, countOf: count };
      });
    }
  }

  /**
   * Watches the method in which an ORM executes what was built before.
   * @param read says what the call is about. undefined: about no model. May throw.
   */
  watchCall<This extends object>(
    owner: object | undefined,
    method: string,
    read: (self: This, args: readonly unknown[]) => ModelFacts | undefined,
  ): void {
    this.env.wrap<This, ModelCall>(owner, method, {
      before: (self, args) => {
        const facts = read(self, args);
        const span = facts && this.begin(facts);
        return span && { facts, span, context: activeContext().withSpan(span) };
      },
      contextOf: ({ context }) => context,
      after: ({ span, facts: { countOf } }, result) => {
        if (types.isPromise(result))
          return followPromise(result, (failed, value) => this.settle(span, failed, value, countOf));
        this.settle(span, false, result, countOf);
        return undefined;
      },
      threw: ({ span }, error) => this.settle(span, true, error, undefined),
    });
  }

  /**
   * The span of a call, for what cannot be watched as a method.
   * @returns undefined where there is none to be made
   */
  begin({ model, operation, method }: ModelFacts): RecordingSpan | undefined {
    const { env } = this;
    const context = activeContext();
    if (context.span !== undefined && ModelSpan.has(context.span)) return undefined;
    const name = sanitizeName(model);
    if (name === undefined || name === '') return undefined;
    const { requireParent } = env.config;
    if (mayLackParent(requireParent, context) && isParentRequired(requireParent, 'database'))
      return undefined;
    const span = env.tracer.begin(nameOf(name, operation), KIND_INTERNAL, context.span, context);
    if (!(span instanceof RecordingSpan)) return undefined;
    new ModelSpan(span, context);
    if (env.config.dbRepeatedStatements > 0) RepeatedStatements.enter(span);
    span.put('canvasops.model.name', name);
    span.put('canvasops.model.operation', literal(operation));
    span.put('code.function.name', sanitizeName(method));
    return span;
  }

  /** Ends a span that {@link begin} made. Never throws. */
  end(
    span: RecordingSpan,
    failed: boolean,
    value: unknown,
    count?: (value: unknown) => number | undefined,
  ): void {
    this.settle(span, failed, value, count);
  }
}

function nameOf(model: Sanitized, operation: ModelOperation): Sanitized {
  return sanitizeName(`${model}.${operation}`);
}

function fail(span: RecordingSpan, error: unknown, message: Sanitized | undefined): void {
  const facts = errorFacts(error);
  // ORMs put what was looked for, and what was refused, into errors of their own.
  const safe = message ?? redactDatabaseMessage(safeMessage(error, facts), '');
  rememberSafeMessage(error, facts.message, safe);
  span.put(ERROR_TYPE, sanitizeErrorType(facts.type));
  span.recordException(error as Error);
  span.setStatus({ code: STATUS_ERROR, message: safeMessage(error, facts) });
}

/** The length of a list; undefined for anything else. */
export function lengthOf(result: unknown): number | undefined {
  return Array.isArray(result) ? result.length : undefined;
}
