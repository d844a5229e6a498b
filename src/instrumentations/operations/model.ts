/**
 * The life of a span of a model: what an ORM does for one call of the app, above the statements that it sends for it. ORMs
 * call their own methods, for includes, hooks and saved relations: what is called within such a span makes no further one.
 */
import { types } from 'node:util';
import { safeMessage, sanitizeErrorType } from '../../redaction/error-text';
import { type Sanitized, sanitizeName } from '../../redaction/sanitized';
import { activeContext, type TraceContext } from '../../tracing/context';
import { errorFacts } from '../../tracing/exception';
import { followPromise } from '../../tracing/follow-promise';
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

/** The span of a model, by which calls within it are known. */
class ModelSpan extends Attached {
  readonly #isModel = true;

  static has(span: object): boolean {
    return #isModel in span && !(span as unknown as RecordingSpan).ended;
  }
}

interface ModelCall {
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

  constructor(private readonly env: InstrumentationEnv) {
    this.settle = env.guard((span, failed, value, count) => {
      if (failed) fail(span, value);
      else span.put('canvasops.model.count', count?.(value));
      span.end();
    });
  }

  /**
   * Watches methods of an ORM that work with models. They return promises that are on their way: what has still to be awaited
   * to begin (a query builder) is watched where it begins.
   * @param owner has the methods: a class for static ones, else its prototype
   */
  watch<This extends object>(owner: object | undefined, methods: ModelMethods<This>): void {
    for (const [method, operation] of Object.entries(methods.operations))
      this.watchMethod(owner, method, operation, methods);
  }

  /**
   * The span of a call, for what cannot be watched as a method.
   * @returns undefined where there is none to be made
   */
  begin(model: unknown, operation: ModelOperation, method: string): RecordingSpan | undefined {
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
    new ModelSpan(span);
    span.put('canvasops.model.name', name);
    span.put('canvasops.model.operation', sanitizeName(operation));
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

  private watchMethod<This extends object>(
    owner: object | undefined,
    method: string,
    operation: ModelOperation,
    { modelOf, countOf }: ModelMethods<This>,
  ): void {
    const count = countOf && ((result: unknown) => countOf(result, method));
    this.env.wrap<This, ModelCall>(owner, method, {
      before: (self, args) => {
        const span = this.begin(modelOf(self, args), operation, method);
        return span && { span, context: activeContext().withSpan(span) };
      },
      contextOf: ({ context }) => context,
      after: ({ span }, result) => {
        if (types.isPromise(result))
          return followPromise(result, (failed, value) => this.settle(span, failed, value, count));
        this.settle(span, false, result, count);
        return undefined;
      },
      threw: ({ span }, error) => this.settle(span, true, error, undefined),
    });
  }
}

function nameOf(model: Sanitized, operation: ModelOperation): Sanitized {
  return sanitizeName(`${model}.${operation}`);
}

function fail(span: RecordingSpan, error: unknown): void {
  const facts = errorFacts(error);
  span.put(ERROR_TYPE, sanitizeErrorType(facts.type));
  span.recordException(error as Error);
  span.setStatus({ code: STATUS_ERROR, message: safeMessage(error, facts) });
}

/** The length of a list; undefined for anything else. */
export function lengthOf(result: unknown): number | undefined {
  return Array.isArray(result) ? result.length : undefined;
}
