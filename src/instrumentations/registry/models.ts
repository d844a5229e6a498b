/** ORMs: a span for each operation on a model, above its statements. */
import type { PartNames, RegistryEntry } from '../define';

/** The builders and sessions of drizzle-orm: a set for each kind of database; since 1.0 those that return promises are apart. */
const DRIZZLE_DATABASES = ['pg', 'mysql', 'sqlite', 'singlestore', 'gel', 'cockroach', 'mssql'];
const DRIZZLE_CLASSES = ['Pg', 'MySql', 'SQLite', 'SingleStore', 'Gel', 'Cockroach', 'MsSql'].flatMap(
  (name) => [name, `${name}Async`],
);
const DRIZZLE_BUILDERS = [
  'SelectBase',
  'InsertBase',
  'UpdateBase',
  'DeleteBase',
  'RelationalQuery',
  'CountBuilder',
];

/** Each start would pay for these lists, so they are made when they are asked for. */
function drizzleFiles(extension: string): PartNames {
  const files = (path: string): string[] =>
    DRIZZLE_DATABASES.map((database) => `${database}-core/${path}.${extension}`);
  const builders = ['select', 'insert', 'update', 'delete', 'query', 'count'];
  return {
    builder: builders.flatMap((name) => [...files(`query-builders/${name}`), ...files(`async/${name}`)]),
    session: [...files('session'), ...files('async/session')],
  };
}

const drizzleLists = new Map<string, PartNames>();

function listed(extension: 'cjs' | 'js'): PartNames {
  let list = drizzleLists.get(extension);
  if (list === undefined) {
    list = drizzleFiles(extension);
    drizzleLists.set(extension, list);
  }
  return list;
}

export const models: readonly RegistryEntry[] = [
  {
    name: 'sequelize',
    group: 'models',
    kind: 'model',
    spans: ['internal'],
    title: 'Sequelize',
    packages: [{ package: 'sequelize', versions: '>=6.0.0 <7.0.0', files: { model: ['lib/model.js'] } }],
    load: () => require('../sequelize.cjs'),
  },
  {
    name: 'drizzle-orm',
    group: 'models',
    kind: 'model',
    spans: ['internal'],
    title: 'Drizzle (drizzle-orm)',
    packages: [
      {
        package: 'drizzle-orm',
        versions: '>=0.30.0 <2.0.0',
        get files() {
          return listed('cjs');
        },
        get esm() {
          return listed('js');
        },
        bindings: {
          builder: DRIZZLE_CLASSES.flatMap((name) => DRIZZLE_BUILDERS.map((builder) => name + builder)),
          session: DRIZZLE_CLASSES.flatMap((name) => [`${name}PreparedQuery`, `${name}Session`]),
        },
      },
    ],
    load: () => require('../drizzle-orm.cjs'),
  },
  {
    name: 'typeorm',
    group: 'models',
    kind: 'model',
    spans: ['internal'],
    title: 'TypeORM',
    packages: [
      {
        package: 'typeorm',
        versions: '>=0.3.0 <2.0.0',
        files: {
          manager: ['entity-manager/EntityManager.js'],
          builder: [
            'query-builder/SelectQueryBuilder.js',
            'query-builder/InsertQueryBuilder.js',
            'query-builder/UpdateQueryBuilder.js',
            'query-builder/DeleteQueryBuilder.js',
            'query-builder/SoftDeleteQueryBuilder.js',
            'query-builder/RelationQueryBuilder.js',
          ],
          tree: ['repository/TreeRepository.js'],
        },
      },
    ],
    load: () => require('../typeorm.cjs'),
  },
  {
    name: 'objection',
    group: 'models',
    kind: 'model',
    spans: ['internal'],
    title: 'Objection.js',
    packages: [
      {
        package: 'objection',
        versions: '>=3.0.0 <4.0.0',
        files: { builder: ['lib/queryBuilder/QueryBuilder.js'] },
      },
    ],
    load: () => require('../objection.cjs'),
  },
  {
    name: 'kysely',
    group: 'models',
    kind: 'model',
    spans: ['internal'],
    title: 'Kysely',
    packages: [
      // Since 0.29 it is ES modules only.
      {
        package: 'kysely',
        versions: '>=0.27.0 <0.30.0',
        files: { executor: ['dist/cjs/query-executor/query-executor-base.js'] },
        esm: {
          executor: [
            'dist/esm/query-executor/query-executor-base.js',
            'dist/query-executor/query-executor-base.js',
          ],
        },
        bindings: { executor: ['QueryExecutorBase'] },
      },
    ],
    load: () => require('../kysely.cjs'),
  },
  {
    name: 'knex',
    group: 'models',
    kind: 'model',
    spans: ['internal'],
    title: 'Knex',
    packages: [
      {
        package: 'knex',
        versions: '>=2.0.0 <4.0.0',
        files: { runner: ['lib/execution/runner.js'], batchInsert: ['lib/execution/batch-insert.js'] },
      },
    ],
    load: () => require('../knex.cjs'),
  },
  {
    name: 'mikro-orm',
    group: 'models',
    kind: 'model',
    spans: ['internal'],
    title: 'MikroORM',
    packages: [
      {
        package: '@mikro-orm/core',
        versions: '>=6.0.0 <7.0.0',
        files: { manager: ['EntityManager.js'], unitOfWork: ['unit-of-work/UnitOfWork.js'] },
      },
      {
        package: '@mikro-orm/knex',
        versions: '>=6.0.0 <7.0.0',
        files: { builder: ['query/QueryBuilder.js'] },
      },
      {
        package: '@mikro-orm/core',
        versions: '>=7.0.0 <8.0.0',
        files: {},
        esm: { manager: ['EntityManager.js'], unitOfWork: ['unit-of-work/UnitOfWork.js'] },
        bindings: { manager: ['EntityManager'], unitOfWork: ['UnitOfWork'] },
      },
      {
        package: '@mikro-orm/sql',
        versions: '>=7.0.0 <8.0.0',
        files: {},
        esm: { builder: ['query/QueryBuilder.js'] },
        bindings: { builder: ['QueryBuilder'] },
      },
    ],
    load: () => require('../mikro-orm.cjs'),
  },
  {
    name: 'prisma',
    group: 'models',
    kind: 'model',
    spans: ['internal'],
    title: 'Prisma',
    packages: [
      {
        package: '@prisma/client',
        versions: '>=6.0.0 <8.0.0',
        // One for each kind of engine. Node gives them to ES modules, too.
        files: { runtime: ['runtime/client.js', 'runtime/library.js', 'runtime/binary.js'] },
      },
    ],
    load: () => require('../prisma.cjs'),
  },
  {
    name: 'mongoose',
    group: 'models',
    kind: 'model',
    spans: ['internal'],
    title: 'Mongoose',
    packages: [
      {
        package: 'mongoose',
        versions: '>=7.0.0 <10.0.0',
        files: {
          model: ['lib/model.js'],
          query: ['lib/query.js'],
          aggregate: ['lib/aggregate.js'],
          cursor: [
            'lib/cursor/queryCursor.js',
            'lib/cursor/QueryCursor.js',
            'lib/cursor/aggregationCursor.js',
            'lib/cursor/AggregationCursor.js',
          ],
        },
      },
    ],
    load: () => require('../mongoose.cjs'),
  },
];
