/** Libraries with a queue of their own: no spans, but those of others under their own request. */
import type { RegistryEntry } from '../define';

export const contexts: readonly RegistryEntry[] = [
  {
    // Whoever switches off the spans of models keeps it. Whoever switches off `mongoose` does not.
    name: 'mongoose-queue',
    group: 'mongoose',
    kind: 'context',
    spans: [],
    title: 'Mongoose (calls before it is connected)',
    packages: [
      {
        package: 'mongoose',
        versions: '>=7.0.0 <10.0.0',
        files: {
          collection: ['lib/collection.js'],
          cursor: [
            'lib/cursor/queryCursor.js',
            'lib/cursor/QueryCursor.js',
            'lib/cursor/aggregationCursor.js',
            'lib/cursor/AggregationCursor.js',
          ],
        },
      },
    ],
    load: () => require('../mongoose-queue.cjs'),
  },
  {
    name: 'bluebird',
    kind: 'context',
    spans: [],
    title: 'bluebird',
    packages: [
      {
        package: 'bluebird',
        versions: '>=2.0.0 <4.0.0',
        files: {
          async: ['js/main/async.js', 'js/release/async.js'],
          promise: ['js/main/promise.js', 'js/release/promise.js'],
          bluebird: ['js/main/bluebird.js', 'js/release/bluebird.js'],
        },
      },
    ],
    load: () => require('../bluebird.cjs'),
  },
  {
    name: 'q',
    kind: 'context',
    spans: [],
    title: 'q',
    packages: [
      { package: 'q', versions: '>=1.1.0 <2.0.0', files: { q1: ['q.js'] } },
      { package: 'q', versions: '>=2.0.0 <3.0.0', files: { q2: ['q.js'] } },
    ],
    load: () => require('../q.cjs'),
  },
  {
    name: 'asap',
    kind: 'context',
    spans: [],
    title: 'asap',
    packages: [{ package: 'asap', versions: '>=2.0.0 <3.0.0', files: { raw: ['raw.js'] } }],
    load: () => require('../asap.cjs'),
  },
  {
    name: 'when',
    kind: 'context',
    spans: [],
    title: 'when',
    packages: [
      {
        package: 'when',
        versions: '>=3.4.0 <4.0.0',
        files: { promise: ['lib/Promise.js'], scheduler: ['lib/Scheduler.js'] },
      },
    ],
    load: () => require('../when.cjs'),
  },
  {
    name: 'async',
    kind: 'context',
    spans: [],
    title: 'async',
    packages: [
      {
        package: 'async',
        versions: '>=2.0.0 <4.0.0',
        files: {
          all: ['dist/async.js'],
          factory: ['queue.js', 'priorityQueue.js', 'cargo.js', 'cargoQueue.js'],
          memoize: ['memoize.js'],
        },
      },
    ],
    load: () => require('../async.cjs'),
  },
  {
    name: 'p-queue',
    kind: 'context',
    spans: [],
    title: 'p-queue',
    packages: [
      { package: 'p-queue', versions: '>=6.0.0 <7.0.0', files: { queue: ['dist/index.js'] } },
      {
        package: 'p-queue',
        versions: '>=7.0.0 <10.0.0',
        files: { queue: ['dist/index.js'] },
        esm: { queue: ['dist/index.js'] },
        bindings: { queue: ['PQueue'] },
      },
    ],
    load: () => require('../p-queue.cjs'),
  },
  {
    name: 'p-limit',
    kind: 'context',
    spans: [],
    title: 'p-limit',
    packages: [
      { package: 'p-limit', versions: '>=1.0.0 <4.0.0', files: { limit: ['index.js'] } },
      {
        package: 'p-limit',
        versions: '>=4.0.0 <5.0.0',
        files: { limit: ['index.js'] },
        esm: { limit: ['index.js'] },
        bindings: { limit: ['pLimit'] },
      },
      // Nothing is to be done for these.
      { package: 'p-limit', versions: '>=5.0.0', files: {} },
    ],
    load: () => require('../p-limit.cjs'),
  },
  {
    name: 'fastq',
    kind: 'context',
    spans: [],
    title: 'fastq',
    packages: [{ package: 'fastq', versions: '>=1.6.0 <2.0.0', files: { queue: ['queue.js'] } }],
    load: () => require('../fastq.cjs'),
  },
  {
    name: 'bottleneck',
    kind: 'context',
    spans: [],
    title: 'bottleneck',
    packages: [
      {
        package: 'bottleneck',
        versions: '>=2.19.0 <3.0.0',
        files: { limiter: ['lib/Bottleneck.js', 'es5.js', 'light.js'] },
      },
    ],
    load: () => require('../bottleneck.cjs'),
  },
  {
    name: 'dataloader',
    kind: 'context',
    spans: [],
    title: 'dataloader',
    packages: [
      {
        package: 'dataloader',
        versions: '>=1.0.0 <3.0.0',
        files: { loader: ['index.js', 'dist/index.js'] },
      },
    ],
    load: () => require('../dataloader.cjs'),
  },
  {
    name: 'generic-pool',
    kind: 'context',
    spans: [],
    title: 'generic-pool',
    packages: [
      { package: 'generic-pool', versions: '>=2.4.0 <3.0.0', files: { pool2: ['lib/generic-pool.js'] } },
      { package: 'generic-pool', versions: '>=3.0.0 <4.0.0', files: { pool3: ['lib/Pool.js'] } },
    ],
    load: () => require('../generic-pool.cjs'),
  },
  {
    name: 'tarn',
    kind: 'context',
    spans: [],
    title: 'tarn',
    packages: [
      { package: 'tarn', versions: '>=1.0.0 <4.0.0', files: { pool: ['lib/Pool.js', 'dist/Pool.js'] } },
    ],
    load: () => require('../tarn.cjs'),
  },
];
