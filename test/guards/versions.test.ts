/** What is said of old Nodes, among them the last one that is too old; really old ones, and future ones, are in the matrix. */
import { test } from 'node:test';
import { fromRoot } from '../helpers/paths';
import { unaffected } from './unaffected';

const before = ['--require', fromRoot('fixtures/guards/another-version.cjs')];

for (const VERSION of ['20.5.1', '18.19.0', '8.17.0']) {
  const says = new RegExp(
    `^\\[canvasops\\] not tracing: Node ${VERSION} is too old; 20\\.6 or later is needed\\.$`,
  );
  test(`Node ${VERSION}`, unaffected({ by: '--require', before, env: { VERSION }, spans: 'none', says }));
}
