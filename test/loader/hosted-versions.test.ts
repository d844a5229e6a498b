/** Libraries in versions that a hosted instrumentation does not patch. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { unsupported } from '../../src/loader/third-party/versions';

const folder = mkdtempSync(path.join(tmpdir(), 'versions-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function isSupported(version: string, ...supportedVersions: string[]): boolean {
  mkdirSync(path.join(folder, 'lib'), { recursive: true });
  writeFileSync(path.join(folder, 'lib/package.json'), JSON.stringify({ version }));
  return unsupported([{ name: 'lib', supportedVersions }], ['/nowhere', folder]).length === 0;
}

const table: [range: string, fits: string[], not: string[]][] = [
  ['>=17.0.0 <22', ['17.0.0', '21.9.9'], ['16.9.0', '22.0.0']],
  ['^2.1.0', ['2.1.0', '2.9.0', '2.2.0-beta.1'], ['2.0.9', '3.0.0']],
  ['^0.5.2', ['0.5.2', '0.5.9'], ['0.5.1', '0.6.0', '1.0.0']],
  ['~4.2.1', ['4.2.1', '4.2.9'], ['4.3.0']],
  ['~4.2', ['4.2.0'], ['4.3.0']],
  ['1.x', ['1.0.0', '1.9.9'], ['2.0.0', '0.9.0']],
  ['4.*', ['4.4.4'], ['5.0.0']],
  ['3', ['3.1.0'], ['4.0.0']],
  ['1.2.3', ['1.2.3'], ['1.2.4']],
  ['^1.0.0 || ^3.0.0', ['1.5.0', '3.0.0'], ['2.0.0']],
  ['*', ['99.0.0'], []],
  ['1.0.0 - 2.0.0', ['1.5.0', '9.0.0'], []],
];

for (const [range, fits, not] of table) {
  test(range, () => {
    for (const version of fits) assert.equal(isSupported(version, range), true, version);
    for (const version of not) assert.equal(isSupported(version, range), false, version);
  });
}

test('one of several ranges, and of several definitions for one module, is enough', () => {
  assert.equal(isSupported('6.1.0', '^5.0.0', '^6.0.0'), true);
  const definitions = ['>=3.3.0 <4', '>=4.0.0 <8'].map((range) => ({
    name: 'lib',
    supportedVersions: [range],
  }));
  assert.deepEqual(unsupported(definitions, [folder]), []);
});

test('nothing is said where the library that does the work is in the right version', () => {
  isSupported('5.12.1');
  mkdirSync(path.join(folder, '@lib/client'), { recursive: true });
  writeFileSync(path.join(folder, '@lib/client/package.json'), '{"version":"5.12.1"}');
  const definitions = [
    { name: 'lib', supportedVersions: ['>=2.6.0 <4'] },
    { name: '@lib/client', supportedVersions: ['^1.0.0', '^5.0.0'] },
  ];
  assert.deepEqual(unsupported(definitions, [folder]), []);
});

test('a library that is not there, and a part of Node, are not missed', () => {
  assert.deepEqual(
    unsupported([{ name: 'fs', supportedVersions: ['^1.0.0'] }, { name: 'dns' }], [folder]),
    [],
  );
});

test('what is said names the library, its version and the ranges', () => {
  isSupported('9.0.1');
  const supportedVersions = ['^2.0.0', '^3.0.0'];
  assert.deepEqual(unsupported([{ name: 'lib', supportedVersions }], [folder]), [
    'lib 9.0.1 is installed, and only ^2.0.0 || ^3.0.0 is supported',
  ]);
});
