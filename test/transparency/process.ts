/** What a program sees of Node, before and after requests, is what it sees without us, but for what is said here. */
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import type { NodeVersion } from '../helpers/node-versions';
import { fromRoot } from '../helpers/paths';
import { compare, type Difference, nothing, observe } from './observe';

const everywhere: Difference[] = [
  {
    lines: /^process\.(emit|listeners|rawListeners|eventNames|listenerCount)[ :.]/,
    why: 'The end of the process is seen in methods that process inherits; process itself has them then',
  },
  {
    lines: /^process\.(reallyExit|kill)\.(toString|prototype)/,
    why: 'The same, in methods of its own. Names, lengths and descriptors stay; the text of a function cannot',
  },
  {
    lines:
      /^http\.(ClientRequest|IncomingMessage|Server|ServerResponse)\.prototype\.(emit|_storeHeader)[ :.]/,
    why: 'Requests are followed in the emit of four prototypes, which inherit it otherwise (docs/decisions/0004)',
  },
  {
    lines: /^ +\[?(emit|_storeHeader)\]?: \[(Function.*|Getter\/Setter)\]$/,
    why: 'The same, as util.inspect shows it; on Node 24 that of servers is an accessor (docs/decisions/0016)',
  },
  {
    lines: /^http\.(Agent\.prototype\.addRequest|ClientRequest\.prototype\.destroy)\.toString\(\)/,
    why: 'Replaced where they are; the text of a function cannot be kept',
  },
  { lines: /^module\.prototype\.loaded /, why: 'See docs/decisions/0002: it is not enumerable' },
];

export async function assertSameProcess(flag: '--import' | '--require', node?: NodeVersion): Promise<void> {
  const entry = 'fixtures/transparency/process.cjs';
  const file = fromRoot(nothing[flag]);
  const nodeArgs = [flag, flag === '--import' ? pathToFileURL(file).href : file];
  const bare = await observe({ entry, node, flag: 'none', nodeArgs });
  const traced = await observe({ entry, node, flag });
  assert.ok(bare.lines.length > 30_000, 'everything was looked at');
  const met = compare(bare, traced, everywhere);
  for (const difference of everywhere) assert.ok(met.has(difference), `no longer so: ${difference.why}`);
}
