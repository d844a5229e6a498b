/**
 * Ends what is still open when the process ends, with what is known by then: most of all the error that ended it.
 * Which request that error belongs to is what the platform says: docs/decisions/0010-spans-at-the-end.md.
 */
import { types } from 'node:util';
import { safeMessage } from '../redaction/error-text';
import { activeContext } from './context';
import { type ErrorFacts, errorFacts, exceptionAttributes } from './exception';
import { ERROR_TYPE, STATUS_ERROR } from './semconv';
import { RecordingSpan } from './span';
import type { FlatAttributes } from './types';

const UNFINISHED = 'canvasops.unfinished';

interface Uncaught {
  /** What ran when it was thrown. */
  readonly span: WeakRef<RecordingSpan>;
  readonly error: Thrown;
}

/** What was thrown; undefined where the app lived on and has let go of it, since it is not ours to keep. */
type Thrown = () => { readonly value: unknown } | undefined;

export interface UnfinishedSpans {
  /** An error that nobody caught. Called in the context in which it was thrown; reads nothing of it. */
  uncaught(error: unknown): void;
  /** Ends everything that is open. The process is not to go on after that. */
  end(): void;
}

/** @param openSpans those that have begun and not ended */
export function createUnfinishedSpans(openSpans: () => RecordingSpan[]): UnfinishedSpans {
  let last: Uncaught | undefined;
  return {
    uncaught: (error) => {
      const { span } = activeContext();
      if (span instanceof RecordingSpan) last = { span: new WeakRef(span), error: weakly(error) };
    },
    end: () => {
      const open = openSpans();
      if (last !== undefined) {
        const failed = failedSpans(last, open);
        const thrown = last.error();
        last = undefined;
        if (thrown !== undefined && failed.length > 0) recordError(thrown.value, failed);
        open.push(...failed); // some may have been forgotten; ending twice does nothing
      }
      for (const span of open) endUnfinished(span);
    },
  };
}

function endUnfinished(span: RecordingSpan): void {
  try {
    span.askOwner();
  } catch {
    // What else is known of it is worth having.
  }
  span.replaceEvenIfFull(UNFINISHED, true);
  span.end();
}

function weakly(error: unknown): Thrown {
  if ((typeof error !== 'object' && typeof error !== 'function') || error === null)
    return () => ({ value: error });
  const reference = new WeakRef(error);
  return () => {
    const value = reference.deref();
    return value === undefined ? undefined : { value };
  };
}

/** The innermost span that is still open where the error was thrown, and the one of the whole request. */
function failedSpans({ span }: Uncaught, open: readonly RecordingSpan[]): RecordingSpan[] {
  const thrower = span.deref();
  if (thrower === undefined) return [];
  const { local } = thrower;
  const isParent = (each: RecordingSpan): boolean =>
    each.local === local && each.idHigh === thrower.parentHigh && each.idLow === thrower.parentLow;
  const innermost = thrower.ended ? open.find(isParent) : thrower;
  const failed = new Set([innermost, local.root]);
  return [...failed].filter((each) => each?.ended === false) as RecordingSpan[];
}

/** The error is read once for all of them, and without running code of the app's. */
function recordError(error: unknown, spans: readonly RecordingSpan[]): void {
  const facts: ErrorFacts = errorFacts(error, readQuietly);
  const message = safeMessage(error, facts);
  let attributes: FlatAttributes | undefined;
  for (const span of spans) {
    attributes ??= exceptionAttributes(error, span.local.limits.attributeValueLength, facts);
    span.putException(attributes);
    span.replaceEvenIfFull(ERROR_TYPE, facts.type);
    span.setStatus({ code: STATUS_ERROR, message });
  }
}

/** Since V8 12 a stack is read by a getter, the same for all errors of a realm; before, this is undefined. */
const STACK_GETTER = Object.getOwnPropertyDescriptor(new Error(), 'stack')?.get;

/**
 * A property as a plain read gives it, but without running code of the app's: the process is about to end, and its output
 * must not change.
 * @returns undefined where a getter or a Proxy of the app's would have to be asked
 */
function readQuietly(object: object, key: string): unknown {
  for (let owner: object | null = object; owner !== null; owner = Object.getPrototypeOf(owner)) {
    if (types.isProxy(owner)) return undefined;
    const property = Object.getOwnPropertyDescriptor(owner, key);
    if (property === undefined) continue;
    const { get } = property;
    if (get === undefined) return property.value;
    return get === STACK_GETTER || owner === DOMException.prototype ? get.call(object) : undefined;
  }
  return undefined;
}
