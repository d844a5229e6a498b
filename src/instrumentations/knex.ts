/**
 * knex 2 and 3, with all of its dialects: one span per query that was built for a table (`users.read`) and per batchInsert(), with
 * the statements below it. Raw statements, statements of the schema and what streams have none. Where another library
 * builds its models on knex, its span is there already, and knex makes none.
 *
 * A builder is a lazy thenable. Each of then(), catch(), finally() and asCallback() makes a Runner and calls its run()
 * (builder-interface-augmenter.js), which is where the query begins.
 */
import { types } from 'node:util';
import { safeGet, safeIsArray } from '../tracing/attributes';
import type { Class, Instrumentation, InstrumentationEnv } from './define';
import { lengthOf, type ModelFacts, type ModelOperation, Models } from './operations/model';

/** The builder of a query (query/querybuilder.js); those of raw statements and of the schema have no table. */
interface QueryBuilder {
  readonly _method?: string;
  readonly _single?: {
    readonly table?: unknown;
    readonly insert?: unknown;
    readonly returning?: unknown;
  };
}

const OPERATIONS: Readonly<Record<string, ModelOperation>> = {
  select: 'read',
  first: 'read',
  pluck: 'read',
  insert: 'create',
  upsert: 'save',
  update: 'update',
  del: 'delete',
  truncate: 'delete',
};

export function create(env: InstrumentationEnv): Instrumentation {
  const models = new Models(env);
  return {
    patch: {
      runner({ prototype }: Class) {
        models.watchCall<{ readonly builder?: QueryBuilder }>(prototype, 'run', ({ builder }) =>
          builder?._single === undefined ? undefined : factsOf(builder),
        );
      },
      batchInsert(batchInsert: unknown) {
        const exported = { batchInsert };
        models.watchCall(exported, 'batchInsert', (_exported, [_client, table, batch]) => ({
          model: nameOf(table),
          operation: 'bulk_create',
          method: 'batchInsert',
          countOf: () => lengthOf(batch),
        }));
        return exported.batchInsert;
      },
    },
  };
}

function factsOf({ _method: method = '', _single: single }: QueryBuilder): ModelFacts | undefined {
  const operation = OPERATIONS[method];
  if (operation === undefined) return undefined;
  const isBulk = method === 'insert' && safeIsArray(single?.insert) && single.insert.length > 1;
  const returnsRows = operation === 'read' || Boolean(single?.returning);
  return {
    model: nameOf(single?.table),
    operation: isBulk ? 'bulk_create' : operation,
    method,
    countOf: (result) => (returnsRows ? countRows(result) : countChanged(result)),
  };
}

/** `users`, `users as u`, `{ u: 'users' }`. What the app passes may be anything. */
function nameOf(table: unknown): string | undefined {
  if (typeof table === 'string') return table.split(/ as /i, 1)[0];
  if (typeof table !== 'object' || table === null || types.isProxy(table)) return undefined;
  const [alias] = Object.keys(table);
  const name = alias === undefined ? undefined : safeGet(table, alias);
  return typeof name === 'string' ? name : undefined;
}

function countRows(result: unknown): number | undefined {
  return lengthOf(result) ?? (result === undefined ? 0 : 1);
}

/** A number, or for an insert into PostgreSQL its result. MySQL tells one id for all rows of an insert. */
function countChanged(result: unknown): number | undefined {
  const count = typeof result === 'number' ? result : safeGet(result, 'rowCount');
  return typeof count === 'number' ? count : undefined;
}
