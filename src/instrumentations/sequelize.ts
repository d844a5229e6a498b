/**
 * sequelize 6: one span per call of a model's method that sends statements, with the statements below it
 * (`User.create`). What sequelize calls of itself within (the `findAll` of a `findOne`, the `save` of a `create`, includes
 * and relations) has none.
 *
 * `canvasops.model.count` is the number of rows that were found, counted, created or changed, where sequelize tells it:
 * MySQL and SQLite do not say which rows an update has changed, but how many.
 */
import type { Class, Instrumentation, InstrumentationEnv } from './define';
import { lengthOf, Models } from './operations/model';

interface ModelClass extends Class {
  readonly name?: unknown;
}

/** Their results are values of the app. */
const VALUES: ReadonlySet<string> = new Set(['aggregate', 'max', 'min', 'sum']);

function countOf(result: unknown, method: string): number | undefined {
  if (VALUES.has(method)) return undefined;
  if (typeof result === 'number') return result;
  // `[affectedCount, rows]`, `[rows, affectedCount]`.
  if (method === 'update' && Array.isArray(result)) return countOf(result[0], '');
  if (method === 'findOrCreate' || method === 'findCreateFind' || method === 'upsert') return undefined;
  if (method === 'findAndCountAll') return lengthOf((result as { rows?: unknown } | undefined)?.rows);
  if (method === 'findOne' || method === 'findByPk') return result === null ? 0 : 1;
  return lengthOf(result);
}

export function create(env: InstrumentationEnv): Instrumentation {
  const models = new Models(env);
  return {
    patch: {
      model(Model: ModelClass) {
        models.watch<ModelClass>(Model, {
          operations: {
            create: 'create',
            bulkCreate: 'bulk_create',
            findOrCreate: 'create',
            findCreateFind: 'create',
            upsert: 'save',
            findAll: 'read',
            findByPk: 'read',
            findOne: 'read',
            findAndCountAll: 'read',
            count: 'read',
            max: 'read',
            min: 'read',
            sum: 'read',
            aggregate: 'read',
            update: 'update',
            increment: 'update',
            decrement: 'update',
            restore: 'update',
            destroy: 'delete',
            truncate: 'delete',
          },
          modelOf: ({ name }) => name,
          countOf,
        });
        models.watch<object>(Model.prototype, {
          operations: {
            save: 'save',
            update: 'update',
            increment: 'update',
            decrement: 'update',
            restore: 'update',
            reload: 'read',
            destroy: 'delete',
          },
          modelOf: (instance) => instance.constructor.name,
        });
      },
    },
  };
}
