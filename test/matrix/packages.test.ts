/**
 * 200 popular packages, required and imported, look as they do without us: keys and their order, descriptors, names and
 * lengths of functions, prototypes, tags, the default export, and the errors of those that cannot be loaded.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { NodeVersion } from '../helpers/node-versions';
import { type InstalledPackages, installPackages } from '../transparency/installed-packages';
import type { Difference } from '../transparency/observe';
import { comparePackages, differences } from '../transparency/packages';
import manifest from './packages/package.json' with { type: 'json' };

const names = Object.keys(manifest.dependencies);

/** On the other lines: what is instrumented, what has odd export maps, is ESM only, patches Node, or cannot be loaded. */
const some = [
  ...[
    'express',
    'router',
    'fastify',
    'pg',
    'pg-pool',
    'pg-cursor',
    'mysql2',
    'ioredis',
    'undici',
    'koa',
    'hono',
  ],
  ...[
    '@opentelemetry/api',
    '@sentry/node',
    'require-in-the-middle',
    'import-in-the-middle',
    'pirates',
    'module-alias',
  ],
  ...[
    'nock',
    'msw',
    'cls-hooked',
    'source-map-support',
    'signal-exit',
    'graceful-fs',
    'bluebird',
    'async',
    'core-js',
  ],
  ...[
    'got',
    'node-fetch',
    'chalk',
    'execa',
    'nanoid',
    'uuid',
    'rxjs',
    'tslib',
    'yargs',
    'date-fns',
    'graphql',
    'zx',
  ],
  ...[
    'vitest',
    'sqlite3',
    'bcrypt',
    'better-sqlite3',
    '@prisma/client',
    'typeorm',
    'pino',
    'lodash',
    'axios',
    'ws',
  ],
];

/** Ends the process that loads it. */
const fatal = ['ava'];

const full: NodeVersion = '20';
const others: NodeVersion[] = ['22', '24', '26'];

let installed: InstalledPackages;
before(async () => {
  installed = await installPackages('test/matrix/packages/package.json');
});

it('there are 200 of them, in fixed versions', () => {
  assert.equal(names.length, 200);
  for (const version of Object.values(manifest.dependencies)) assert.match(version, /^\d+\.\d+\.\d+/);
  assert.deepEqual(
    some.filter((name) => !names.includes(name)),
    [],
  );
});

describe(`all, Node ${full}`, { concurrency: 2 }, () => {
  const met = new Set<Difference>();
  after(() => {
    for (const difference of differences)
      assert.ok(difference.isOptional === true || met.has(difference), `no longer so: ${difference.why}`);
  });
  for (const group of groups(names)) {
    for (const [order, flag] of [
      ['require-first', '--import'],
      ['import-first', '--require'],
    ] as const) {
      it(`${order}, ${flag}: ${group.join(' ')}`, async () => {
        const seen = await comparePackages({
          folder: installed.folder,
          names: group,
          order,
          flag,
          node: full,
        });
        for (const difference of seen) met.add(difference);
      });
    }
  }
});

for (const node of others) {
  describe(`some, Node ${node}`, { concurrency: 2 }, () => {
    for (const group of groups(some)) {
      it(group.join(' '), async () => {
        await comparePackages({
          folder: installed.folder,
          names: group,
          order: 'import-first',
          flag: '--import',
          node,
        });
      });
    }
  });
}

/** Per process; loading Node takes longer than loading a package. */
function groups(all: readonly string[]): string[][] {
  const rest = all.filter((name) => !fatal.includes(name));
  const found = fatal.filter((name) => all.includes(name)).map((name) => [name]);
  for (let at = 0; at < rest.length; at += 10) found.push(rest.slice(at, at + 10));
  return found;
}
