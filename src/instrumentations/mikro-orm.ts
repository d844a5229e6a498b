/**
 * MikroORM 6 and 7: one span per call that works with an entity (`User.read`), with the statements below it.
 *
 * Repositories, references and collections call `EntityManager.js`, whose methods are watched, and so are those that run a query
 * of a builder (knex/query/QueryBuilder.js; MikroORM 7: sql/). A `findOne()` that finds the entity in memory has a
 * span without statements.
 *
 * A flush writes what the unit of work has collected, often of several entities, and has one span for all of it. Its model is the
 * entity where there is one, else `UnitOfWork`. Its operation is what was done, else `save`. A flush with nothing to write has
 * no span, and most have nothing: the request's last one, and that before each query. What there is to write is known when
 * `doCommit()` asks for it (unit-of-work/UnitOfWork.js, `getChangeSetGroups`), just before it begins the transaction. So the span
 * begins there, and the rest of `doCommit()` runs in its context. Within the app's own transaction the flush is the last
 * thing before COMMIT.
 *
 * These have no span: `execute()`, knex and Kysely, and `stream()`, whose statement outlasts the call.
 *
 * `canvasops.model.count` is the number of entities or rows that were found, counted, written or changed.
 */
import { types } from 'node:util';
import { safeGet, safeIsArray } from '../tracing/attributes';
import { activeContext, enterContext } from '../tracing/context';
import { followPromise } from '../tracing/follow-promise';
import type { RecordingSpan } from '../tracing/span';
import type { Class, Instrumentation, InstrumentationEnv } from './define';
import { createHiddenState } from './operations/hidden-state';
import { lengthOf, type ModelFacts, type ModelOperation, Models } from './operations/model';

interface Metadata {
  readonly className: unknown;
}

interface Manager {
  getMetadata(): { find(entity: unknown): Metadata | undefined };
}

interface Builder {
  readonly type: string | undefined;
}

/** What is to be written of one entity. */
interface ChangeSet {
  /** `create`, `update`, `delete`, and the same with `_early`. */
  readonly type: string;
  readonly meta: Metadata;
}

interface UnitOfWork {
  getChangeSets(): readonly ChangeSet[];
  /** Of relations alone, where no entity has changed. */
  getCollectionUpdates(): readonly { readonly owner: object }[];
}

interface Flush {
  /** undefined: nothing to write so far. */
  span: RecordingSpan | undefined;
  count: number;
}

const MANAGER: Readonly<Record<string, ModelOperation>> = {
  ...reads('find findAll findAndCount findByCursor findOne findOneOrFail count countBy'),
  ...reads('refresh refreshOrFail populate lock'),
  insert: 'create',
  insertMany: 'bulk_create',
  clone: 'create',
  upsert: 'save',
  upsertMany: 'save',
  nativeUpdate: 'update',
  nativeDelete: 'delete',
};

/** What a builder's type does; SELECT and COUNT read. */
const TYPES: Readonly<Record<string, ModelOperation>> = {
  INSERT: 'create',
  UPSERT: 'save',
  UPDATE: 'update',
  DELETE: 'delete',
  TRUNCATE: 'delete',
};

const BUILDER = ['execute', 'getResult', 'getResultList', 'getSingleResult', 'getCount', 'getResultAndCount'];

function reads(methods: string): Record<string, ModelOperation> {
  return Object.fromEntries(methods.split(' ').map((method) => [method, 'read']));
}

/** The first argument is the entity's class, name or schema, or the entity itself, or several of them. */
function modelOfCall(manager: Manager, [first]: readonly unknown[]): unknown {
  const value = safeIsArray(first) ? first[0] : first;
  const asked = typeof value === 'object' ? (schemaName(value) ?? safeGet(value, 'constructor')) : value;
  const isKey = typeof asked === 'string' || typeof asked === 'function';
  return isKey ? manager.getMetadata().find(asked)?.className : undefined;
}

function schemaName(value: unknown): unknown {
  const isSchema = safeGet(safeGet(value, 'constructor'), 'name') === 'EntitySchema';
  return isSchema ? safeGet(safeGet(value, 'meta'), 'className') : undefined;
}

function factsOfBuilder(builder: Builder, method: string, [returns = 'run']: readonly unknown[]): ModelFacts {
  const operation = TYPES[builder.type ?? ''] ?? 'read';
  // Throws where nothing was selected yet.
  const alias = safeGet(builder, 'mainAlias');
  return {
    // Its name in MikroORM 6 is the second one.
    model: safeGet(safeGet(alias, 'meta') ?? safeGet(alias, 'metadata'), 'className'),
    operation,
    method,
    countOf: (result) =>
      operation !== 'read' && returns === 'run'
        ? (result as { readonly affectedRows?: number }).affectedRows
        : countOf(result, method),
  };
}

function factsOfFlush(unitOfWork: UnitOfWork): ModelFacts & { readonly count: number } {
  const changes = unitOfWork.getChangeSets();
  const names =
    changes.length > 0
      ? changes.map(({ meta }) => meta.className)
      : unitOfWork.getCollectionUpdates().map(({ owner }) => owner.constructor.name);
  const operations = changes.map(({ type }) => type.replace('_early', '') as ModelOperation);
  return {
    model: only(names) ?? 'UnitOfWork',
    operation: only(operations) ?? 'save',
    method: 'flush',
    count: names.length,
  };
}

/** The one that all of them are. */
function only<T>(values: readonly T[]): T | undefined {
  return values.every((value) => value === values[0]) ? values[0] : undefined;
}

function countOf(result: unknown, method: string): number | undefined {
  // Of several that were inserted some databases tell one key.
  if (method === 'insertMany') return undefined;
  // What was inserted is told by its key, which may be a number.
  if (method === 'insert' || method === 'clone' || method === 'upsert') return 1;
  if (typeof result === 'number') return result;
  if (/AndCount$/.test(method)) return lengthOf((result as readonly unknown[])[0]);
  if (method === 'findByCursor') return lengthOf((result as { readonly items?: unknown }).items);
  if (/One|Single|^refresh/.test(method)) return result === null ? 0 : 1;
  return lengthOf(result);
}

export function create(env: InstrumentationEnv): Instrumentation {
  const models = new Models(env);
  const flushes = createHiddenState<Flush>();

  function watchFlush(prototype: object): void {
    env.wrap<UnitOfWork, Flush>(prototype, 'doCommit', {
      before(unitOfWork) {
        const flush: Flush = { span: undefined, count: 0 };
        flushes.set(unitOfWork, flush);
        return flush;
      },
      after(flush, result) {
        if (!types.isPromise(result)) return undefined;
        return followPromise(result, (failed, value) => {
          if (flush.span !== undefined) models.end(flush.span, failed, value, () => flush.count);
        });
      },
    });
    env.wrap<UnitOfWork, Flush>(prototype, 'getChangeSetGroups', {
      before: (unitOfWork) => flushes.get(unitOfWork),
      after(flush, _groups, unitOfWork) {
        const facts = factsOfFlush(unitOfWork);
        flush.span = models.begin(facts);
        flush.count = facts.count;
        // What goes on when this returns is the rest of doCommit(), up to its next `await`.
        if (flush.span !== undefined) enterContext(activeContext().withSpan(flush.span));
      },
    });
  }

  return {
    patch: {
      manager({ EntityManager }: { EntityManager: Class }) {
        models.watch<Manager>(EntityManager.prototype, {
          operations: MANAGER,
          modelOf: modelOfCall,
          countOf,
        });
      },
      unitOfWork: ({ UnitOfWork }: { UnitOfWork: Class }) => watchFlush(UnitOfWork.prototype),
      builder({ QueryBuilder }: { QueryBuilder: Class }) {
        for (const method of BUILDER)
          models.watchCall<Builder>(QueryBuilder.prototype, method, (builder, args) =>
            factsOfBuilder(builder, method, args),
          );
      },
    },
  };
}
