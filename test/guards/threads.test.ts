/** Threads and children of an app: each has the preload where it was passed on, makes its own spans, and delivers them. */
import { test } from 'node:test';
import { fromRoot } from '../helpers/paths';
import { unaffected } from './unaffected';

const program = [fromRoot('fixtures/guards/threads.cjs')];
const traced = [
  'plain',
  'env: SHARE_ENV',
  'resourceLimits',
  'stdin, stdout and stderr',
  'a data: URL',
  'fork',
  'a vm context',
];

for (const way of traced) test(`${way}, --import`, unaffected({ program, env: { WAY: way } }));
for (const way of ['plain', 'env: SHARE_ENV', 'fork']) {
  test(`${way}, NODE_OPTIONS`, unaffected({ program, by: 'NODE_OPTIONS', env: { WAY: way } }));
}
test('eval, --require', unaffected({ program, by: '--require', env: { WAY: 'eval' } }));
// Node (20 to 26) runs no --import in a worker that is made from a string.
test('eval, --import', unaffected({ program, env: { WAY: 'eval' }, spans: 'none' }));
for (const way of ['execArgv: []', 'fork with execArgv: []']) {
  test(way, unaffected({ program, env: { WAY: way }, spans: 'none' }));
}
// It has the preload, but nothing that says where to send spans.
const says = /^\[canvasops\] no trace backend is configured/;
test('env: {}', unaffected({ program, env: { WAY: 'env: {}' }, spans: 'none', says }));
