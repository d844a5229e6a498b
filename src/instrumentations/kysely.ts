/**
 * kysely 0.27 to 0.29, with all of its dialects: one span per query that was built for a table (`users.read`), with the
 * statements below it. Raw statements (`sql`), statements of the schema and what streams have none.
 *
 * All builders end in executeQuery() of the executor (query-executor/query-executor-base.js), which is given the tree of the
 * query beside its text. `code.function.name` is the method of the database that began the builder, since it is
 * not known there which of execute(), executeTakeFirst() and executeTakeFirstOrThrow() was called.
 */
import type { Class, Instrumentation, InstrumentationEnv } from './define';
import { lengthOf, type ModelFacts, type ModelOperation, Models } from './operations/model';

/** Any node of operation-node/, with what is read here. */
interface QueryNode {
  readonly kind?: string;
  /** select, delete */
  readonly from?: { readonly froms?: readonly QueryNode[] };
  /** insert, merge */
  readonly into?: QueryNode;
  readonly values?: { readonly values?: unknown };
  /** update: a table, an alias or a list. Of a table: its name with the schema. */
  readonly table?: QueryNode;
  readonly items?: readonly QueryNode[];
  /** Of an alias. */
  readonly node?: QueryNode;
  readonly identifier?: { readonly name?: unknown };
}

interface QueryResult {
  readonly rows?: unknown;
  readonly numAffectedRows?: bigint;
}

const METHODS: Readonly<Record<string, readonly [method: string, operation: ModelOperation]>> = {
  SelectQueryNode: ['selectFrom', 'read'],
  InsertQueryNode: ['insertInto', 'create'],
  UpdateQueryNode: ['updateTable', 'update'],
  DeleteQueryNode: ['deleteFrom', 'delete'],
  MergeQueryNode: ['mergeInto', 'save'],
};

export function create(env: InstrumentationEnv): Instrumentation {
  const models = new Models(env);
  return {
    patch: {
      executor({ QueryExecutorBase }: { readonly QueryExecutorBase: Class }) {
        models.watchCall(QueryExecutorBase.prototype, 'executeQuery', (_executor, [compiled]) =>
          factsOf((compiled as { readonly query?: QueryNode } | undefined)?.query),
        );
      },
    },
  };
}

function factsOf(query: QueryNode | undefined): ModelFacts | undefined {
  const known = METHODS[query?.kind ?? ''];
  if (query === undefined || known === undefined) return undefined;
  const [method, operation] = known;
  const isBulk = operation === 'create' && (lengthOf(query.values?.values) ?? 0) > 1;
  return {
    model: nameOf(query.from?.froms?.[0] ?? query.into ?? query.table),
    operation: isBulk ? 'bulk_create' : operation,
    method,
    countOf,
  };
}

/** The name of the first table; undefined where it is a subquery. */
function nameOf(source: QueryNode | undefined): unknown {
  const first = source?.items?.[0] ?? source;
  return (first?.node ?? first)?.table?.identifier?.name;
}

function countOf(result: unknown): number | undefined {
  const { numAffectedRows, rows } = result as QueryResult;
  return numAffectedRows === undefined ? lengthOf(rows) : Number(numAffectedRows);
}
