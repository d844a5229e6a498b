/**
 * The hardest modules there are load as they do without us. With Node's flags, both flags of ours and all Node lines:
 * `test/matrix/torture.test.ts`.
 */
import { after, describe, it } from 'node:test';
import type { NodeVersion } from '../helpers/node-versions';
import { assertTortured, exists, setUpTorture } from './torture';
import { plain, title } from './torture-cases';

const running = process.versions.node.split('.')[0] as NodeVersion;
const { folder, remove } = setUpTorture();
after(remove);

describe('torture', { concurrency: 2 }, async () => {
  for (const torture of plain) {
    if (!(await exists(torture, running))) continue;
    it(title(torture), () => assertTortured(torture, folder, '--import', running));
  }
});
