/** PM2's cluster mode without PM2: its primary sets an executable up and forks it. PM2 itself is in the matrix. */
import { test } from 'node:test';
import { fromRoot } from '../helpers/paths';
import { unaffected } from './unaffected';

const program = [fromRoot('fixtures/guards/cluster.cjs')];
const env = { EXEC: fromRoot('fixtures/guards/clustered.cjs') };

for (const by of ['--import', 'NODE_OPTIONS'] as const) test(by, unaffected({ program, by, env }));
