/**
 * TypeORM 0.3 and 1: one span per call that works with an entity (`User.read`), with the statements below it.
 *
 * Repositories and active records call `entity-manager/EntityManager.js`, whose methods are watched. They build queries, as the
 * app can do itself. The methods that run a query (`query-builder/*.js`) have a span where nothing above them has one. A builder
 * is no thenable, and it sends nothing before one of these is called. A relation that is loaded when it is read ends there
 * as well. Trees (`repository/TreeRepository.js`) run several queries for a call.
 *
 * These have no span: `query()`, builders of tables without an entity, and `stream()`, whose statement outlasts the call. MongoDB
 * has a manager of its own, of which only the inherited methods (`save`, `remove`) are watched.
 *
 * `canvasops.model.count` is the number of entities or rows that were found, counted, saved or changed. What `sum` and `maximum`
 * return is a value of the app's, and is not told.
 */
import { safeGet, safeIsArray } from '../tracing/attributes';
import type { Class, Instrumentation, InstrumentationEnv } from './define';
import { lengthOf, type ModelOperation, Models } from './operations/model';

interface Metadata {
  readonly name: string;
  readonly target: unknown;
}

interface Source {
  readonly entityMetadatas: readonly Metadata[];
}

interface Manager {
  /** Its name in TypeORM 1. */
  readonly dataSource?: Source;
  readonly connection: Source;
}

interface Builder {
  readonly expressionMap: {
    /** `restore`: what is not deleted any more, by the builder of soft deletes. */
    readonly queryType: string;
    /** Its metadata throw where it has none: the table of no entity. */
    readonly mainAlias?: { readonly hasMetadata: boolean; readonly metadata: Metadata };
  };
}

interface TreeRepository {
  readonly metadata: Metadata;
}

/** What INSERT, UPDATE and DELETE return, and `getRawAndEntities()`. */
interface Result {
  readonly affected?: number | null;
  readonly identifiers?: unknown;
  readonly entities?: unknown;
}

type Operations = Readonly<Record<string, ModelOperation>>;

const MANAGER: Operations = {
  save: 'save',
  insert: 'create',
  upsert: 'save',
  update: 'update',
  updateAll: 'update',
  increment: 'update',
  decrement: 'update',
  recover: 'update',
  restore: 'update',
  remove: 'delete',
  softRemove: 'delete',
  delete: 'delete',
  deleteAll: 'delete',
  softDelete: 'delete',
  clear: 'delete',
  ...reads('preload find findBy findByIds findAndCount findAndCountBy findOne findOneBy findOneById'),
  ...reads('findOneOrFail findOneByOrFail count countBy exists existsBy sum average minimum maximum'),
};

const BUILDERS: Readonly<Record<string, Operations>> = {
  SelectQueryBuilder: {
    ...reads('execute getOne getOneOrFail getMany getManyAndCount getCount getExists'),
    ...reads('getRawOne getRawMany getRawAndEntities'),
  },
  InsertQueryBuilder: { execute: 'create' },
  UpdateQueryBuilder: { execute: 'update' },
  DeleteQueryBuilder: { execute: 'delete' },
  SoftDeleteQueryBuilder: { execute: 'delete' },
  RelationQueryBuilder: {
    set: 'update',
    add: 'update',
    remove: 'update',
    addAndRemove: 'update',
    ...reads('loadOne loadMany'),
  },
};

const TREE: Operations = {
  ...reads('findTrees findRoots findDescendants findDescendantsTree countDescendants'),
  ...reads('findAncestors findAncestorsTree countAncestors'),
};

function reads(methods: string): Operations {
  return Object.fromEntries(methods.split(' ').map((method) => [method, 'read']));
}

/** The first argument is the entity's class, name or schema, or the entity itself, or several of them. */
function modelOfCall({ dataSource, connection }: Manager, [first]: readonly unknown[]): string | undefined {
  const asked = typeof first === 'object' ? (schemaName(first) ?? classOf(first)) : first;
  const known = (dataSource ?? connection).entityMetadatas.find(
    ({ target, name }) => target === asked || name === asked,
  );
  return known?.name;
}

function schemaName(value: unknown): unknown {
  const isSchema = safeGet(value, '@instanceof') === Symbol.for('EntitySchema');
  return isSchema ? safeGet(safeGet(value, 'options'), 'name') : undefined;
}

function classOf(entities: unknown): unknown {
  return safeGet(safeIsArray(entities) ? entities[0] : entities, 'constructor');
}

function countOf(result: unknown, method: string): number | undefined {
  if (/^(?:sum|average|minimum|maximum)$/.test(method)) return undefined;
  if (/AndCount/.test(method)) return lengthOf((result as readonly unknown[])[0]);
  const isNothing = result === undefined || result === null;
  if (/One/.test(method)) return isNothing ? 0 : 1;
  if (typeof result === 'number') return result;
  if (typeof result !== 'object' || isNothing) return undefined;
  // An entity, with properties of the app's own.
  if (/^(?:save|remove|softRemove|recover|preload)$/.test(method)) return lengthOf(result) ?? 1;
  const { affected, identifiers, entities } = result as Result;
  return affected ?? lengthOf(identifiers) ?? lengthOf(entities) ?? lengthOf(result);
}

export function create(env: InstrumentationEnv): Instrumentation {
  const models = new Models(env);
  return {
    patch: {
      manager({ EntityManager }: { EntityManager: Class }) {
        models.watch<Manager>(EntityManager.prototype, {
          operations: MANAGER,
          modelOf: modelOfCall,
          countOf,
        });
      },
      builder(exports: Readonly<Record<string, Class>>) {
        for (const [name, operations] of Object.entries(BUILDERS))
          for (const [method, operation] of Object.entries(operations))
            models.watchCall<Builder>(exports[name]?.prototype, method, ({ expressionMap }) => ({
              model: expressionMap.mainAlias?.hasMetadata && expressionMap.mainAlias.metadata.name,
              operation: expressionMap.queryType === 'restore' ? 'update' : operation,
              method,
              countOf: (result) => countOf(result, method),
            }));
      },
      tree({ TreeRepository }: { TreeRepository: Class }) {
        models.watch<TreeRepository>(TreeRepository.prototype, {
          operations: TREE,
          modelOf: ({ metadata }) => metadata.name,
          countOf,
        });
      },
    },
  };
}
