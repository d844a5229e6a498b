/** Loads popular packages with and without the preload, and compares what they look like. */
import type { NodeVersion } from '../helpers/node-versions';
import { compare, type Difference, observe } from './observe';

export interface PackageRun {
  readonly folder: string;
  readonly names: readonly string[];
  readonly order: 'require-first' | 'import-first';
  readonly flag: '--import' | '--require';
  readonly node: NodeVersion;
}

const redisMethods = [
  ...['connect', 'sendCommand', '_executePipeline', '_executeMulti'].map(
    (name) => `RedisClient.prototype.${name}`,
  ),
  'RedisClientPool.prototype.execute',
];

/**
 * Functions that are replaced look like the original but for their source text, by package. The packages are those of
 * the registry; whoever else exports their functions is not named.
 */
const replaced: Record<string, readonly string[]> = {
  express: ['Route.prototype.dispatch', 'Router.prototype.handle', 'Router.prototype.use'],
  router: ['Route.prototype.dispatch', 'prototype.handle', 'prototype.use'],
  pg: ['cancel', 'connect', 'end', 'query'].map((name) => `Client.prototype.${name}`),
  'pg-pool': ['connect', 'newClient', 'query'].map((name) => `prototype.${name}`),
  'pg-cursor': ['close', 'read'].map((name) => `prototype.${name}`),
  mysql2: ['PoolConnection.prototype._realEnd'],
  koa: ['prototype.handleRequest'],
  '@redis/client': redisMethods,
  redis: redisMethods,
  ioredis: [
    ...['connect', 'disconnect', 'sendCommand'].map((name) => `prototype.${name}`),
    ...['exec', 'sendCommand'].map((name) => `Pipeline.prototype.${name}`),
    ...['connect', 'delayUntilReady', 'getInfoFromNode', 'readyCheck', 'sendCommand'].map(
      (name) => `Cluster.prototype.${name}`,
    ),
    'SentinelConnector.prototype.connectToSentinel',
  ],
  bluebird: ['prototype._notifyUnhandledRejection', 'prototype.nodeify', 'config', 'getNewLibraryCopy'],
};

/** Methods of bluebird that are seen being read, so that they need no wrapper. */
const watched = '_(captureStackTrace|pushContext|popContext|settlePromise|clearCancellationData)';

/** Under which names a namespace has what `require` gives; ioredis has one more. */
const exported = '(\\.default|\\.module\\.exports|\\.Redis)?';

export const differences: readonly Difference[] = [
  ...Object.entries(replaced).flatMap(([name, paths]) =>
    paths.map((path) => ({
      lines: new RegExp(
        `^(require|import)\\(${name}\\)${exported}\\.${path.replaceAll('.', '\\.')}\\.toString\\(\\): `,
      ),
      why: `${path} of ${name} is replaced`,
    })),
  ),
  {
    lines: new RegExp(`^(require|import)\\(bluebird\\)${exported}\\.prototype\\.${watched}[ :.]`),
    why: 'Five methods of bluebird are accessors that give the method: docs/decisions/0015',
  },
  {
    lines:
      /^(require|import)\(bluebird\)(\.default|\.module\.exports)?\.(config|getNewLibraryCopy)\.prototype\.constructor/,
    why: 'The prototype of a replaced function is the one of the original',
  },
  {
    lines: new RegExp(
      `^(require|import)\\(ioredis\\)${exported}\\.(prototype\\.(quit|defineCommand)|Cluster\\.prototype\\.defineCommand)[ :.]`,
    ),
    why: 'Methods that clients and clusters of ioredis inherit are replaced on their own prototypes: docs/decisions/0008',
  },
  {
    lines: /^(require|import)\(pg\)(\.\w+)*\.Query\.prototype\.callback /,
    why: 'The callback of a query is seen where pg keeps it; queries have it as a property of their own, as before',
  },
];

/** The differences that were met. */
export async function comparePackages(run: PackageRun): Promise<Set<Difference>> {
  const program = {
    entry: 'fixtures/transparency/packages.mjs',
    args: (output: string) => [run.folder, output, run.order, ...run.names],
    cwd: run.folder,
    node: run.node,
  };
  const bare = await observe({ ...program, flag: 'none' });
  const traced = await observe({ ...program, flag: run.flag });
  return compare(bare, traced, differences);
}
