/** The types, as programs of several kinds compile them. Older and newer compilers are in the matrix. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fromRoot } from '../helpers/paths';
import { type Cell, type Consumer, setUpConsumer } from './consumer';

const tsc = fromRoot('node_modules/typescript/bin/tsc');
const manifest = readFileSync(fromRoot('node_modules/typescript/package.json'), 'utf8');
const { version } = JSON.parse(manifest) as { version: string };

let consumer: Consumer;
before(async () => {
  consumer = await setUpConsumer();
});
after(() => consumer.remove());

for (const [title, cell] of [
  ['ESM and CommonJS, without the types of Node, ES2022 only', { resolution: 'nodenext', withNode: false }],
  ['ESM and CommonJS, with the types of Node', { resolution: 'node16', withNode: true }],
  ['for a bundler, without the types of Node', { resolution: 'bundler', withNode: false }],
  ['moduleResolution node10, with the types of Node', { resolution: 'node10', withNode: true }],
] satisfies [string, Omit<Cell, 'tsc' | 'version'>][]) {
  test(`${title}: no error with skipLibCheck off`, async () => {
    assert.equal(
      await consumer.compile({ ...cell, tsc, version: version.split('.').slice(0, 2).join('.') }),
      '',
    );
  });
}
