import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { RegistryEntry } from '../../src/instrumentations/define';
import { describeFile, inRange, outOfRange, splitPackagePath, TargetIndex } from '../../src/loader/match';

const located: [
  name: string,
  filename: string,
  expected: [pkg: string, folder: string, file: string] | undefined,
][] = [
  ['npm', '/app/node_modules/pg/lib/client.js', ['pg', '/app/node_modules/pg', 'lib/client.js']],
  [
    'a scope',
    '/app/node_modules/@redis/client/dist/index.js',
    ['@redis/client', '/app/node_modules/@redis/client', 'dist/index.js'],
  ],
  [
    'nested',
    '/app/node_modules/a/node_modules/pg/index.js',
    ['pg', '/app/node_modules/a/node_modules/pg', 'index.js'],
  ],
  [
    'pnpm',
    '/app/node_modules/.pnpm/pg@8.11.3/node_modules/pg/lib/x.js',
    ['pg', '/app/node_modules/.pnpm/pg@8.11.3/node_modules/pg', 'lib/x.js'],
  ],
  [
    'Yarn PnP',
    '/app/.yarn/cache/pg-npm-8.11.3-ab.zip/node_modules/pg/lib/x.js',
    ['pg', '/app/.yarn/cache/pg-npm-8.11.3-ab.zip/node_modules/pg', 'lib/x.js'],
  ],
  [
    'Yarn PnP, virtual',
    '/app/.yarn/__virtual__/pg-virtual-1a/0/cache/pg-npm-8.zip/node_modules/pg/index.js',
    ['pg', '/app/.yarn/__virtual__/pg-virtual-1a/0/cache/pg-npm-8.zip/node_modules/pg', 'index.js'],
  ],
  ['Windows', 'C:\\app\\node_modules\\pg\\lib\\x.js', ['pg', 'C:\\app\\node_modules\\pg', 'lib/x.js']],
  [
    'Windows, a scope',
    'C:\\app\\node_modules\\@redis\\client\\dist\\x.js',
    ['@redis/client', 'C:\\app\\node_modules\\@redis\\client', 'dist/x.js'],
  ],
  [
    'a network share',
    '\\\\host\\share\\node_modules\\pg\\x.js',
    ['pg', '\\\\host\\share\\node_modules\\pg', 'x.js'],
  ],
  [
    'a folder that is only called like it',
    '/app/node_modules/pg/node_modules_old/x.js',
    ['pg', '/app/node_modules/pg', 'node_modules_old/x.js'],
  ],
  [
    'another one',
    '/app/node_modules/pg/my-node_modules/x.js',
    ['pg', '/app/node_modules/pg', 'my-node_modules/x.js'],
  ],
  ['an app below such a folder', '/srv/my-node_modules/app/index.js', undefined],
  ['the app itself', '/app/src/index.js', undefined],
  ['a file beside the packages', '/app/node_modules/loose.js', undefined],
  ['a scope without a package', '/app/node_modules/@redis/loose.js', undefined],
  ['a relative path', 'node_modules/pg/index.js', undefined],
  ['the folder itself', '/app/node_modules', undefined],
  ['nothing', '', undefined],
];
for (const [name, filename, expected] of located) {
  test(`located: ${name}`, () => {
    const found = splitPackagePath(filename);
    assert.deepEqual(found && [found.package, found.folder, found.file], expected);
  });
}

const entry = (name: string, packages: RegistryEntry['packages']): RegistryEntry => ({
  name,
  kind: 'database',
  spans: [],
  title: name,
  packages,
  load: () => assert.fail('nothing is loaded to find out'),
});

test('a file is found for every entry that names it, other files and packages are not', () => {
  const index = new TargetIndex([
    entry('one', [
      { package: 'pg', versions: '>=8.0.0', files: { client: ['lib/client.js'], pool: ['lib/pool.js'] } },
    ]),
    entry('two', [
      { package: 'pg', versions: '>=8.0.0', files: { connection: ['lib/client.js'] } },
      { package: '@a/b', versions: '>=1.0.0', files: { x: ['x.js'] } },
    ]),
  ]);
  const names = (filename: string): string[] | undefined =>
    index.find(filename)?.targets.map((found) => `${found.entry.name} ${found.part}`);
  assert.deepEqual(names('/app/node_modules/pg/lib/client.js'), ['one client', 'two connection']);
  assert.deepEqual(names('C:\\app\\node_modules\\pg\\lib\\pool.js'), ['one pool']);
  assert.deepEqual(names('/app/node_modules/@a/b/x.js'), ['two x']);
  for (const other of [
    '/app/node_modules/pg/lib/other.js',
    '/app/node_modules/mypg/lib/client.js',
    '/app/pg/lib/client.js',
  ]) {
    assert.equal(names(other), undefined, other);
  }
});

test('a package under an alias is known by its own name', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'alias-'));
  const write = (alias: string, name: string): string => {
    const place = path.join(folder, 'node_modules', alias);
    mkdirSync(place, { recursive: true });
    writeFileSync(path.join(place, 'package.json'), JSON.stringify({ name, version: '8.0.0' }));
    return place;
  };
  const index = new TargetIndex([
    entry('one', [
      { package: 'pg', versions: '>=8.0.0', files: { client: ['lib/client.js'], index: ['index.js'] } },
    ]),
  ]);
  const old = write('pg-8', 'pg');
  const found = index.find(path.join(old, 'lib/client.js'));
  assert.deepEqual(
    found?.targets.map(({ part }) => part),
    ['client'],
  );
  assert.deepEqual(found && describeFile(found.path), {
    package: 'pg',
    version: '8.0.0',
    file: 'lib/client.js',
  });
  assert.equal(index.find(path.join(write('other', 'other'), 'lib/client.js')), undefined);
  assert.equal(
    index.find(path.join(old, 'index.js')),
    undefined,
    'every package has one, and none is read for it',
  );
  rmSync(folder, { recursive: true });
});

test('the version is read from the package; where it cannot be read it is unknown', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'match-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const versionOf = (manifest: string | undefined): string => {
    const own = path.join(folder, 'pg');
    rmSync(own, { recursive: true, force: true });
    mkdirSync(own);
    if (manifest !== undefined) writeFileSync(path.join(own, 'package.json'), manifest);
    return describeFile({ package: 'pg', folder: own, file: 'index.js' }).version;
  };
  assert.deepEqual(['{"version":"8.1.2"}', '{"version":8}', '{', 'null', undefined].map(versionOf), [
    '8.1.2',
    '',
    '',
    '',
    '',
  ]);
});

const ranges: [version: string, range: string, expected: boolean][] = [
  ['8.0.0', '>=8.0.0 <9.0.0', true],
  ['8.99.1', '>=8.0.0 <9.0.0', true],
  ['9.0.0', '>=8.0.0 <9.0.0', false],
  ['7.99.99', '>=8.0.0 <9.0.0', false],
  ['10.0.0', '>=9.0.0', true],
  ['8.0.0', '>8.0.0', false],
  ['8.0.1', '>8.0.0', true],
  ['8.0.0', '<=8.0.0', true],
  ['8.0.1', '<=8.0.0', false],
  ['1.2.3', '=1.2.3', true],
  ['1.2.3', '1.2.3', true],
  ['1.2.4', '=1.2.3', false],
  ['2.1.0', '>=1.0.0 <2.0.0 || >=2.1.0', true],
  ['2.0.5', '>=1.0.0 <2.0.0 || >=2.1.0', false],
  ['5.0.0', '>=5', true],
  ['5.3.0', '>=5.3 <6', true],
  ['5.2.9', '>=5.3 <6', false],
  ['4.5.0', '  >=4.0.0   <5.0.0  ', true],
  // a beta of a supported major is better traced than not
  ['8.0.0-beta.1', '>=8.0.0', true],
  ['9.0.0-rc.1', '<9.0.0', false],
  ['8.1.0+build.5', '>=8.1.0', true],
  // unknown or odd versions are in no range
  ['', '>=0.0.0', false],
  ['', '<9.0.0', false],
  ['latest', '>=0.0.0', false],
  ['v8.0.0', '>=8.0.0', false],
  ['8..1', '>=0.0.0', false],
  ['8.x', '>=0.0.0', false],
  // operators that are not known hold for nothing
  ['4.0.0', '^4.0.0', false],
  ['4.0.0', '~4.0.0', false],
  ['4.0.0', '>=', false],
];
for (const [version, range, expected] of ranges) {
  test(`${version || 'an unknown version'} is ${expected ? '' : 'not '}in ${range}`, () => {
    assert.equal(inRange(version, range), expected);
  });
}

test('what is said of a version outside of the range is what is lost with it', () => {
  const loaded = { package: 'library', version: '1.2.4', file: 'index.js' };
  const target = { package: 'library', versions: '>=2.0.0', files: { index: ['index.js'] } };
  const textOf = (kind: 'database' | 'context'): string =>
    outOfRange(
      {
        entry: { name: 'library', kind, spans: [], title: '', packages: [target], load: noLoad },
        target,
        part: 'index',
      },
      loaded,
    );
  assert.equal(textOf('database'), 'library 1.2.4 is outside the supported range >=2.0.0: no spans from it');
  assert.match(textOf('context'), /: spans below its callbacks may be under another request$/);
});

function noLoad(): never {
  throw new Error('not called');
}
