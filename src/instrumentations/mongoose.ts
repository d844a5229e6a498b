/**
 * mongoose 7 to 9: one span per call that works with a model (`User.read`), with the commands of `mongodb` below it, those of
 * its `populate` included. What the app's hooks do is within it as well.
 *
 * - A query or an aggregation is a lazy thenable. `then`, `catch` and `finally` call `exec()` (lib/query.js, lib/aggregate.js),
 *   as the app may do itself, so that one method is watched. `updateOne()` of a document makes a query, too, and so does
 *   `deleteOne()` since mongoose 8.
 * - Of a cursor, `eachAsync()` has a span until all is read. `next()`, and `for await` by it, has one for what is read first:
 *   nothing tells whether an app reads on or has left (`break` calls nothing), and a span that never ends is never sent.
 *   What is fetched later is beside it. A cursor that is read as a stream has no span, since its commands outlast each call.
 * - These have no span: indexes, collections and change streams, and what is called on a model's `collection`.
 *
 * Channels of mongoose (`mongoose:query`, 9.12) are not used: versions before have none.
 *
 * Messages of its errors quote values (lib/error/messages.js), and apps write messages for validators. Of those, the fields of
 * the schema are told.
 *
 * `code.function.name` is what a query does in the end: that of `findById()` is `findOne`. `canvasops.model.count` is the number
 * of documents that were found, counted, created or changed, where mongoose tells it.
 */
import { types } from 'node:util';
import { literal, phrase, type Sanitized, sanitizeName } from '../redaction/sanitized';
import { safeGet, safeKeys } from '../tracing/attributes';
import type { Class, Instrumentation, InstrumentationEnv } from './define';
import { bindAt } from './operations/callbacks';
import { createHiddenState } from './operations/hidden-state';
import { lengthOf, type ModelFacts, type ModelOperation, Models } from './operations/model';

interface Query {
  readonly model?: unknown;
  /** undefined before the app has said what to do. */
  readonly op?: unknown;
}

interface Aggregate {
  readonly _model?: unknown;
  readonly options?: { readonly cursor?: unknown };
}

/** Of a query, or of an aggregation. */
interface Cursor {
  readonly query?: Query;
  readonly agg?: Aggregate;
}

/** By the names of a query's operations. All others read. */
const WRITES: ReadonlyMap<unknown, ModelOperation> = new Map([
  ['updateOne', 'update'],
  ['updateMany', 'bulk_update'],
  ['replaceOne', 'update'],
  ['findOneAndUpdate', 'update'],
  ['findOneAndReplace', 'update'],
  ['deleteOne', 'delete'],
  ['deleteMany', 'delete'],
  ['findOneAndDelete', 'delete'],
  // mongoose 7.
  ['findOneAndRemove', 'delete'],
]);

/** What results of writing count. Those of several kinds at once are of `bulkWrite()`. */
const CHANGED = ['insertedCount', 'modifiedCount', 'upsertedCount', 'deletedCount'];

const EXECUTED = 'Query was already executed';

const FIELD = /^[A-Za-z_$][\w$]{0,63}(?![\w$])/;

/** The name is that of a model's class. */
function nameOf(model: unknown): unknown {
  return safeGet(model, 'modelName');
}

function countOf(result: unknown, method: string): number | undefined {
  if (typeof result === 'number') return result;
  // `[documents, count]`
  if (method === 'findAndCount') return lengthOf(safeGet(result, '0'));
  // The app may have asked for the server's own answer, which is no document. `exists()` is a `findOne`.
  if (method.startsWith('findOne') && typeof safeGet(result, 'lastErrorObject') !== 'object')
    return result === null ? 0 : 1;
  // Documents, whose fields are the app's.
  if (/^(?:\$?save|create|insertOne|populate)$/.test(method)) return lengthOf(result) ?? 1;
  const changed = CHANGED.map((key) => safeGet(result, key)).filter((count) => typeof count === 'number');
  if (changed.length > 0) return changed.reduce((sum, count) => sum + count, 0);
  return lengthOf(result);
}

function messageOf(error: unknown): Sanitized | undefined {
  switch (safeGet(error, 'name')) {
    case 'ValidationError':
      return phrase('The document is not valid:', pathsOf(safeKeys(safeGet(error, 'errors') as object)));
    case 'CastError':
      return phrase('A value cannot be cast:', pathsOf([safeGet(error, 'path')]));
    case 'ValidatorError':
      return phrase('A value is not valid:', pathsOf([safeGet(error, 'path')]));
    case 'DocumentNotFoundError':
      return literal('No document was found');
    case 'MongooseError':
      // Its query follows.
      if (String(safeGet(error, 'message')).startsWith(EXECUTED)) return literal(EXECUTED);
  }
  return undefined;
}

/** As the schema has them. What is below may be a key of a `Map`, and so a value of the app. */
function pathsOf(paths: readonly unknown[]): Sanitized {
  const tops = paths.map((path) => (typeof path === 'string' ? FIELD.exec(path)?.[0] : undefined));
  return sanitizeName([...new Set(tops)].filter((top) => top !== undefined).join(', '));
}

export function create(env: InstrumentationEnv): Instrumentation {
  const models = new Models(env, messageOf);
  /** Of cursors: whether any of it has been read. */
  const started = createHiddenState<true>();

  return {
    patch: {
      model(Model: Class) {
        models.watch<object>(Model, {
          operations: {
            create: 'create',
            insertOne: 'create',
            insertMany: 'bulk_create',
            bulkWrite: 'bulk_update',
            bulkSave: 'save',
            findAndCount: 'read',
            // Documents call it, too.
            populate: 'read',
          },
          modelOf: nameOf,
          countOf,
        });
        const prototype: { save?: unknown; $save?: unknown } = Model.prototype;
        // Two names of one function, which stays one.
        const isSame = prototype.$save === prototype.save;
        models.watch<object>(prototype, {
          operations: {
            save: 'save',
            ...(!isSame && { $save: 'save' as const }),
            // It does so itself in mongoose 7. In later ones it only makes a query.
            ...(types.isAsyncFunction(safeGet(prototype, 'deleteOne')) && { deleteOne: 'delete' as const }),
          },
          modelOf: (document) => nameOf(document.constructor),
          countOf,
        });
        if (isSame) prototype.$save = prototype.save;
      },
      query({ prototype }: Class) {
        models.watchCall<Query>(prototype, 'exec', (query, [told]) => {
          const op = typeof told === 'string' ? told : query.op;
          const method = typeof op === 'string' ? op : 'exec';
          return {
            model: nameOf(query.model),
            operation: WRITES.get(op) ?? 'read',
            method,
            countOf: (result) => countOf(result, method),
          };
        });
        models.watch<Query>(prototype, {
          operations: { findAndCount: 'read' },
          modelOf: ({ model }) => nameOf(model),
          countOf,
        });
      },
      aggregate({ prototype }: Class) {
        models.watchCall<Aggregate>(prototype, 'exec', ({ _model, options }) =>
          // It returns a cursor, which has not been read.
          options?.cursor ? undefined : aggregates(_model),
        );
      },
      cursor({ prototype }: Class) {
        for (const method of ['next', 'eachAsync']) {
          models.watchCall<Cursor>(prototype, method, (cursor) => {
            if (started.get(cursor) === true) return undefined;
            started.set(cursor, true);
            return { model: nameOf(cursor.query?.model ?? cursor.agg?._model), operation: 'read', method };
          });
        }
        // What the app does with each document is no part of the reading.
        env.wrap<Cursor, never>(prototype, 'eachAsync', { before: (_cursor, args) => bindAt(args, 0) });
      },
    },
  };
}

function aggregates(model: unknown): ModelFacts {
  return { model: nameOf(model), operation: 'read', method: 'aggregate', countOf: lengthOf };
}
