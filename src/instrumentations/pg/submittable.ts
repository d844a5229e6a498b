/**
 * Follows objects that the app made and passed to query(): Query, Cursor, QueryStream, COPY streams, anything with a
 * `submit` method. pg tells them of their end through handleError and handleReadyForQuery, so these are watched, on
 * their classes. A cursor makes one span, however many batches are read from it: the statement runs once, and the
 * span lasts until the rows are used up, the cursor is closed, or something fails.
 */
import { safeGet } from '../../tracing/attributes';
import type { TraceContext } from '../../tracing/context';
import type { Around, InstrumentationEnv } from '../define';
import { DatabaseCall } from '../operations/database-call';
import { createHiddenState } from '../operations/hidden-state';
import type { Submittable } from './statement';

/** One call of query(). */
export class QueryCall extends DatabaseCall {
  /** What pg believes to be the callback of the Query that it made for this call. */
  queryCallback: unknown;
  /** The app's own object that was passed to query(), if it was one. */
  submittable: Submittable | undefined;
  /** Whether pg was seen making the Query. */
  isMade = false;
  /** The same submittable, passed to query() again before this call was done. */
  next: QueryCall | undefined;
}

type Handling = Around<Submittable, QueryCall>;

export class Submittables {
  /** By submittable: the call that ends next. */
  private readonly calls = createHiddenState<QueryCall | undefined>();
  /** By submittable: the latest call; streams emit events after the statement is done. */
  private readonly latest = createHiddenState<QueryCall>();
  private readonly watched = new WeakSet<object>();

  constructor(private readonly env: InstrumentationEnv) {}

  callOf(query: object): QueryCall | undefined {
    return this.calls.get(query);
  }

  /** The end of the submittable will be the end of the call. */
  add(query: Submittable, call: QueryCall): void {
    call.submittable = query;
    this.latest.set(query, call);
    let last = this.calls.get(query);
    while (last?.next !== undefined) last = last.next;
    if (last === undefined) this.calls.set(query, call);
    else last.next = call;
  }

  /** pg threw: nobody will tell of the end. */
  remove(call: QueryCall): void {
    const query = call.submittable;
    if (query === undefined) return;
    const first = this.calls.get(query);
    if (first === call) this.calls.set(query, call.next);
    else for (let at = first; at !== undefined; at = at.next) if (at.next === call) at.next = call.next;
  }

  /** False: its methods cannot be replaced, so its end would be missed. */
  watch(query: Submittable): boolean {
    // The class that makes it a submittable, never one of Node's own.
    const owner = ownerOf(query, 'submit');
    if (typeof query.emit === 'function') this.replace(query, owner, 'emit', this.event);
    if (!isNative(query))
      this.replace(query, ownerOf(query, 'handleReadyForQuery'), 'handleReadyForQuery', this.ready);
    return this.replace(query, ownerOf(query, 'handleError'), 'handleError', this.failing);
  }

  private replace(
    query: Submittable,
    owner: object | undefined,
    method: string,
    handling: Handling,
  ): boolean {
    if (owner === undefined) return false;
    if (this.watched.has(query[method] as object)) return true;
    const own = Object.getOwnPropertyDescriptor(owner, method);
    if (own === undefined ? !Object.isExtensible(owner) : own.configurable === false) return false;
    this.env.wrap(owner, method, handling);
    this.watched.add(query[method] as object);
    return true;
  }

  private end(query: Submittable, call: QueryCall, error: unknown): void {
    if (this.calls.get(query) === call) this.calls.set(query, call.next);
    call.finish(error);
  }

  private readonly event: Handling = {
    before: (query, [name, value]) => {
      const call = this.calls.get(query) ?? this.latest.get(query);
      if (call === undefined) return undefined;
      if ((name === 'end' || name === 'error') && isNative(query)) {
        this.end(query, call, name === 'error' ? value : undefined);
      }
      // A 'row' is emitted for every row, but hardly anyone listens.
      return (query.listenerCount as (name: unknown) => number)(name) > 0 ? call : undefined;
    },
    contextOf,
  };

  private readonly ready: Handling = {
    before: (query) => {
      const call = this.calls.get(query);
      // A row could not be parsed; Query goes on to its own handleError (pg/lib/query.js).
      if (call !== undefined && !query._canceledDueToError) this.end(query, call, undefined);
      return call;
    },
    contextOf,
  };

  private readonly failing: Handling = {
    before: (query, [error]) => {
      const call = this.calls.get(query);
      // A native Query completes the error here first (pg/lib/native/query.js).
      if (call !== undefined && !isNative(query)) {
        const why = query._canceledDueToError || error;
        this.end(query, call, isClosedCursor(query) ? undefined : why);
      }
      return call;
    },
    contextOf,
    after: (call, _result, query, [error]) => this.end(query, call, error),
    threw: (call, _error, query, [error]) => this.end(query, call, error),
  };
}

function contextOf(call: QueryCall): TraceContext {
  return call.context;
}

/** The object in the chain that has the method; undefined if it is none. */
function ownerOf(query: Submittable, method: string): object | undefined {
  if (typeof query[method] !== 'function') return undefined;
  let owner: object = query;
  while (!Object.hasOwn(owner, method)) owner = Object.getPrototypeOf(owner) as object;
  return owner;
}

/** Queries of the native client do not speak the protocol themselves; their end is an event. */
function isNative(query: Submittable): boolean {
  return query.handleReadyForQuery === undefined;
}

/** The app has had all that it wanted of a cursor, which then hears of no error any more (pg-cursor/index.js, handleError). */
function isClosedCursor(query: Submittable): boolean {
  return safeGet(safeGet(query, 'cursor') ?? query, 'state') === 'done';
}
