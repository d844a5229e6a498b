/**
 * drizzle-orm 0.30 to 1.0, with all of its drivers: one span per query that was built for a table (`users.read`), with the
 * statements below it. Raw statements (`db.execute(sql)`) are about no table and have none, nor has what streams (`iterator()`)
 * or goes in a batch (`db.batch()`).
 *
 * A builder is a lazy thenable, and its `execute` is a function of its own. Every way to execute one passes its `_prepare()`, or
 * `prepare()` where it has no other (pg-core/query-builders/insert.js, mysql-core/query-builders/insert.js; 1.0: async/).
 * What that returns is executed later, maybe many times. Its class belongs to the driver, so it is found at its first object.
 *
 * A failed query is told with the values that were sent (errors.js, DrizzleQueryError), which must not leave the process.
 */
import { types } from 'node:util';
import { rememberSafeMessage, safeMessage } from '../redaction/error-text';
import { phrase } from '../redaction/sanitized';
import { errorFacts, isError } from '../tracing/exception';
import { followPromise } from '../tracing/follow-promise';
import type { Around, Class, Instrumentation, InstrumentationEnv } from './define';
import { createHiddenState } from './operations/hidden-state';
import { lengthOf, type ModelFacts, type ModelOperation, Models } from './operations/model';

/** table.js, view-common.js, entity.js */
const NAME = Symbol.for('drizzle:OriginalName');
const VIEW = Symbol.for('drizzle:ViewBaseConfig');
const KIND = Symbol.for('drizzle:entityKind');

interface DrizzleClass extends Class {
  /** `PgInsert`, `MySqlRelationalQuery`, `SQLiteAsyncSelect` */
  readonly [KIND]: string;
}

interface Builder {
  readonly config?: { readonly table?: unknown; readonly values?: unknown; readonly returning?: unknown };
  /** Of a relational query. */
  readonly table?: unknown;
  /** Of a relational query: `first` for findFirst(). MySQL's has it in the second one before 1.0. */
  readonly mode?: unknown;
  readonly queryMode?: unknown;
}

interface CountBuilder {
  readonly session: object;
  readonly sql: object;
  readonly params?: { readonly source?: unknown };
  /** Since 1.0. */
  readonly countConfig?: { readonly source?: unknown };
}

/** By a part of the kind of the builder. */
const OPERATIONS: readonly (readonly [kind: string, operation: ModelOperation])[] = [
  ['Select', 'read'],
  ['Insert', 'create'],
  ['Update', 'update'],
  ['Delete', 'delete'],
];

export function create(env: InstrumentationEnv): Instrumentation {
  const models = new Models(env);
  const about = createHiddenState<ModelFacts>();
  /** Prototypes of drivers. */
  const watched = new WeakSet<object>();

  /** @param of which of them and their arguments the facts are tied to */
  function watchClassOf(
    object: object,
    methods: readonly string[],
    of: (...call: object[]) => object | undefined,
  ): void {
    const prototype = Object.getPrototypeOf(object) as object;
    if (watched.has(prototype)) return;
    watched.add(prototype);
    for (const method of methods)
      models.watchCall(prototype, method, (self, args) => about.get(of(self, ...(args as object[]))));
  }

  function watchBuilder(prototype: object, kind: string): void {
    env.wrap<Builder, Builder>(prototype, Object.hasOwn(prototype, '_prepare') ? '_prepare' : 'prepare', {
      before: (builder) => builder,
      after(builder, prepared) {
        const facts = factsOf(builder, kind);
        if (facts === undefined) return;
        about.set(prepared as object, facts);
        // What execute() returns for a driver without promises is lazy, and calls one of these (sqlite-core/session.js).
        const methods = 'run' in (prepared as object) ? ['run', 'all', 'get', 'values'] : ['execute'];
        watchClassOf(prepared as object, methods, (self) => self);
      },
    });
  }

  /** `db.$count(users)` */
  function watchCount(prototype: object): void {
    if (Object.hasOwn(prototype, 'execute'))
      models.watchCall<CountBuilder>(prototype, 'execute', ({ countConfig }) => countOf(countConfig?.source));
    else
      env.wrap<CountBuilder, never>(prototype, 'then', {
        before({ session, sql, params }) {
          about.set(sql, countOf(params?.source));
          watchClassOf(session, ['count'], (_session, counted) => counted);
          return undefined;
        },
      });
  }

  const conceal = env.guard((failed: boolean, error: unknown) => {
    if (!failed || !isError(error) || !error.message.startsWith('Failed ')) return;
    const why = safeMessage(error.cause, errorFacts(error.cause));
    rememberSafeMessage(error, error.message, phrase('Failed query:', why));
  });

  const aroundQuery: Around<object, true> = {
    before: () => true,
    after: (_state, result) => (types.isPromise(result) ? followPromise(result, conceal) : undefined),
    threw: (_state, error) => conceal(true, error),
  };

  return {
    patch: {
      builder(exports: object) {
        for (const { prototype, [KIND]: kind } of classesOf(exports)) {
          if (kind.includes('CountBuilder')) watchCount(prototype);
          else if (Object.hasOwn(prototype, 'prepare')) watchBuilder(prototype, kind);
        }
      },
      session(exports: object) {
        for (const { prototype } of classesOf(exports)) {
          // Where the error is made. A session of SQLite makes one as well, around its run().
          const isQuery = Object.hasOwn(prototype, 'queryWithCache');
          for (const method of isQuery
            ? ['queryWithCache', 'execute', 'run', 'all', 'get', 'values']
            : ['run'])
            if (Object.hasOwn(prototype, method)) env.wrap(prototype, method, aroundQuery);
        }
      },
    },
  };
}

function classesOf(exports: object): DrizzleClass[] {
  return Object.values(exports).filter(
    (value) => typeof value === 'function' && typeof value[KIND] === 'string',
  );
}

function nameOf(source: unknown): unknown {
  if (typeof source !== 'object' || source === null) return undefined;
  // One that is aliased throws where it is no view.
  const { [NAME]: table } = source as { [NAME]?: unknown };
  return table ?? (source as { [VIEW]?: { readonly name?: unknown } })[VIEW]?.name;
}

function factsOf({ config, table, mode, queryMode }: Builder, kind: string): ModelFacts | undefined {
  if (kind.includes('Relational')) {
    const method = mode === 'first' || queryMode === 'first' ? 'findFirst' : 'findMany';
    return { model: nameOf(table), operation: 'read', method, countOf: countRows };
  }
  const known = OPERATIONS.find(([part]) => kind.includes(part));
  if (known === undefined) return undefined;
  const [method, operation] = known;
  const isBulk = operation === 'create' && (lengthOf(config?.values) ?? 0) > 1;
  return {
    model: nameOf(config?.table),
    operation: isBulk ? 'bulk_create' : operation,
    method: method.toLowerCase(),
    countOf: operation === 'read' || config?.returning !== undefined ? countRows : countChanged,
  };
}

function countOf(source: unknown): ModelFacts {
  const isNumber = (result: unknown) => (typeof result === 'number' ? result : undefined);
  return { model: nameOf(source), operation: 'read', method: '$count', countOf: isNumber };
}

function countRows(result: unknown): number | undefined {
  return lengthOf(result) ?? (result === undefined || result === null ? 0 : 1);
}

/** What drivers say of a statement that returns no rows; mysql2 has it in a list, postgres on one. */
function countChanged(result: unknown): number | undefined {
  const told = ((Array.isArray(result) && result[0]) || result) as Record<string, unknown> | undefined;
  const count = told?.rowCount ?? told?.affectedRows ?? told?.changes ?? told?.rowsAffected ?? told?.count;
  return typeof count === 'number' ? count : undefined;
}
