/** Loads popular packages with and without the preload, and compares what they look like. */

import { registry } from '../../src/instrumentations';
import type { NodeVersion } from '../helpers/node-versions';
import { compare, type Difference, observe } from './observe';

export interface PackageRun {
  readonly folder: string;
  readonly names: readonly string[];
  readonly order: 'require-first' | 'import-first';
  readonly flag: '--import' | '--require';
  readonly node: NodeVersion;
}

/**
 * Functions that are replaced look like the original but for their source text. Which ones they are is for the libraries in
 * the registry to say; whoever else exports their functions is named here.
 */
const patched = [
  ...new Set([...registry.flatMap(({ packages }) => packages.map((each) => each.package)), 'redis']),
];

/** Methods of bluebird that are seen being read, so that they need no wrapper. */
const watched = '_(captureStackTrace|pushContext|popContext|settlePromise|clearCancellationData)';

/** Under which names a namespace has what `require` gives; ioredis has one more. */
const exported = '(\\.default|\\.module\\.exports|\\.Redis)?';

export const differences: readonly Difference[] = [
  ...patched.map((name) => ({
    lines: new RegExp(`^(require|import)\\(${name}\\)\\..*\\.toString\\(\\): `),
    why: `functions of ${name} are replaced`,
    isOptional: true,
  })),
  {
    lines: / resources: /,
    why: 'Below Node 22.15 a program has a thread for hooks where a library is installed whose ES modules are patched: docs/decisions/0021',
    isOptional: true,
  },
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
    lines:
      /^(require|import)\(async\)\..*\b(queue|priorityQueue|cargo|cargoQueue|memoize)\.prototype\.constructor/,
    why: 'The prototype of a replaced function is the one of the original',
  },
  {
    lines: new RegExp(
      `^(require|import)\\(ioredis\\)${exported}\\.(prototype\\.(quit|defineCommand)|Cluster\\.prototype\\.defineCommand)[ :.]`,
    ),
    why: 'Methods that clients and clusters of ioredis inherit are replaced on their own prototypes: docs/decisions/0008',
  },
  {
    lines: /^(require|import)\(typeorm\)\..*\bSelectQueryBuilder\.prototype\.execute[ :.]/,
    why: 'A method that builders of queries inherit is replaced for those that read: docs/decisions/0008',
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
