/** Libraries with a queue of their own: no spans, but those of others under their own request. */
import type { RegistryEntry } from '../define';

export const contexts: readonly RegistryEntry[] = [
  {
    name: 'mongoose',
    kind: 'context',
    spans: [],
    title: 'mongoose',
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
    load: () => require('../mongoose.cjs'),
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
];
