/**
 * Objection 3: one span per query of a model that is run, with the statements below it (`User.read`, and those of the graph that
 * is fetched with it).
 *
 * A builder is a lazy thenable: `then` and `catch` call `execute()` (queryBuilder/QueryBuilder.js), as the app may do itself, and
 * nothing is built before. This one method is watched. What Objection runs within, for graphs, pages and the rows that it fetches
 * again, are builders of their own, and make no spans. `resultSize()` sends its statement past `execute()`.
 *
 * `code.function.name` is the method that says what the query does (`patchAndFetch`), which the builder keeps as the name of an
 * operation. `canvasops.model.count` is the number of models or rows. A number that a query results in is that of the
 * rows, unless the app has had a function put something in its place (`runAfter`).
 *
 * A query that is refused before it is built, because a model is not valid, has no span: its builder forgets what was asked.
 * Queries that are built with `knexQuery()`, or are given to knex, are knex's, and have its spans.
 */
import type { Class, Instrumentation, InstrumentationEnv } from './define';
import { lengthOf, type ModelFacts, type ModelOperation, Models } from './operations/model';

interface Builder {
  /** What it rejects with in the place of a query: what could not be inserted, for one. */
  readonly _explicitRejectValue: unknown;
  modelClass(): { readonly name: unknown };
  /** By name, also those which operations have added. */
  findOperation(name: RegExp): { readonly name: string } | null;
}

interface Page {
  readonly results?: unknown;
}

/** What operations that write do, by the beginnings of their names. */
const WRITES: Readonly<Record<string, ModelOperation>> = {
  insert: 'create',
  upsert: 'save',
  update: 'update',
  patch: 'update',
  relate: 'update',
  unrelate: 'update',
  delete: 'delete',
  truncate: 'delete',
};

const WRITE = new RegExp(`^(?:${Object.keys(WRITES).join('|')})`);

/** The others only say which rows are to be read. */
const READ = /^(?:findById|first|range)$/;

function factsOf(builder: Builder): ModelFacts | undefined {
  if (builder._explicitRejectValue !== null) return undefined;
  const has = (name: RegExp) => builder.findOperation(name) !== null;
  const write = builder.findOperation(WRITE)?.name;
  const operation = WRITES[write?.match(WRITE)?.[0] ?? ''] ?? 'read';
  const isCount = operation !== 'read' && !has(/^runAfter$/);
  const isPage = has(/^range$/);
  return {
    model: builder.modelClass().name,
    operation,
    method: write ?? builder.findOperation(READ)?.name ?? 'query',
    countOf: (result) => countOf(isPage ? (result as Page | undefined)?.results : result, isCount),
  };
}

function countOf(result: unknown, isCount: boolean): number | undefined {
  if (typeof result === 'number') return isCount ? result : undefined;
  return lengthOf(result) ?? (result === undefined || result === null ? 0 : 1);
}

export function create(env: InstrumentationEnv): Instrumentation {
  const models = new Models(env);
  return {
    patch: {
      builder({ QueryBuilder }: { QueryBuilder: Class }) {
        models.watchCall<Builder>(QueryBuilder.prototype, 'execute', factsOf);
        models.watch<Builder>(QueryBuilder.prototype, {
          operations: { resultSize: 'read' },
          modelOf: (builder) => builder.modelClass().name,
          countOf: (result) => countOf(result, true),
        });
      },
    },
  };
}
