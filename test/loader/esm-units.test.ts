/** The pieces of the hook for ES modules: where a program can load such a library, and what is put at the end of a file. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { RegistryEntry } from '../../src/instrumentations/define';
import { createAddStatement } from '../../src/loader/esm/appended-statement';
import { openBindings } from '../../src/loader/esm/bindings';
import { entriesInReach } from '../../src/loader/esm/reach';

const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'esm-')));
after(() => rmSync(root, { recursive: true, force: true }));

function folder(...parts: string[]): string {
  const place = path.join(root, ...parts);
  mkdirSync(place, { recursive: true });
  return place;
}

const entry: RegistryEntry = {
  name: 'one',
  kind: 'database',
  spans: [],
  title: 'one',
  packages: [
    { package: '@a/one', versions: '>=1.0.0', files: {}, esm: { main: ['x.js'] }, bindings: { main: ['X'] } },
    { package: 'only-cjs', versions: '>=1.0.0', files: { main: ['x.js'] } },
  ],
  load: () => assert.fail('nothing is loaded to find out'),
};
const inReach = (script: string | undefined): boolean => entriesInReach([entry], script).length > 0;

test('a package is in reach above the program, at its real place, and in the stores of pnpm and Bun', () => {
  for (const [app, modules] of [
    ['npm/app/src', 'npm/node_modules/@a/one'],
    ['pnpm/src', 'pnpm/node_modules/.pnpm/node_modules/@a/one'],
    ['bun', 'bun/node_modules/.bun/node_modules/@a/one'],
  ] as const) {
    const script = path.join(folder(app), 'main.mjs');
    assert.equal(inReach(script), false, app);
    folder(modules);
    assert.equal(inReach(script), true, app);
  }
  writeFileSync(path.join(folder('npm/app/src'), 'main.mjs'), '');
  symlinkSync(path.join(root, 'npm/app/src/main.mjs'), path.join(folder('bin'), 'main'));
  assert.equal(inReach(path.join(root, 'bin/main')), true);
});

test('other packages of the entry do not count, nor do entries without ES modules', () => {
  folder('other/node_modules/only-cjs');
  assert.equal(inReach(path.join(root, 'other/main.mjs')), false);
  folder('other/node_modules/@a/one');
  const without = { ...entry, packages: entry.packages.slice(1) };
  assert.deepEqual(entriesInReach([without], path.join(root, 'other/main.mjs')), []);
});

test('the working directory counts, with a program and without', () => {
  const before = process.cwd();
  const place = folder('cwd/deeper');
  folder('cwd/node_modules/@a/one');
  try {
    process.chdir(place);
    assert.deepEqual([inReach(undefined), inReach('/elsewhere/main.mjs')], [true, true]);
  } finally {
    process.chdir(before);
  }
});

const addStatement = createAddStatement(new Map([['@a/one/x.js', ['X']]]));
const url = 'file:///app/node_modules/@a/one/x.js';

test('a statement is added once, to the files that are hooked and are ES modules', () => {
  const loaded = { format: 'module', source: 'export class X {}\n// the end' };
  const added = addStatement(url, loaded);
  assert.ok(added.source.startsWith(`${loaded.source}\n;try{`));
  assert.equal(addStatement(url, added), added);
  assert.notEqual(addStatement(`${url}?query#hash`, loaded), loaded);
  assert.deepEqual(addStatement(url, { ...loaded, source: Buffer.from(loaded.source) }), added);
  for (const other of [
    'file:///app/@a/one/x.js',
    'file:///app/node_modules/@a/one/y.js',
    'node:fs',
    'data:,',
  ])
    assert.equal(addStatement(other, loaded), loaded, other);
  for (const strange of [
    { format: 'commonjs', source: '' },
    { format: 'module', source: null },
    { format: null },
  ])
    assert.equal(addStatement(url, strange), strange);
});

test('a default export by name hands out the variable, where it is asked for, and no line moves', () => {
  const sourceOf = (source: string): string => {
    const { source: added } = addStatement(url, { format: 'module', source });
    return added.slice(0, added.indexOf('\n;try{'));
  };
  assert.equal(
    sourceOf('const a = 1\nexport default X\nclass X {}'),
    'const a = 1\nexport { X as default };\nclass X {}',
  );
  assert.equal(sourceOf('export default X;\r\nclass X {}'), 'export { X as default };\r\nclass X {}');
  for (const source of [
    'export default Y\nclass Y {}',
    'export default X()\nfunction X() {}',
    'export default X\n  .name\nclass X {}',
    'export default class X {}',
    '// export default X\nclass X {}',
    'const text = " export default X"\nclass X {}',
  ])
    assert.equal(sourceOf(source), source);
});

test('bindings that the module lacks are taken away, and assignments are taken back', () => {
  let variable = 1;
  const { bindings, restore } = openBindings({
    get variable() {
      return variable;
    },
    set variable(value: number) {
      variable = value;
    },
    get URL() {
      return URL;
    },
    get missing() {
      throw new ReferenceError('missing is not defined');
    },
  });
  assert.deepEqual(Object.keys(bindings), ['variable']);
  bindings.variable = 2;
  assert.equal(variable, 2);
  restore();
  assert.equal(variable, 1);
});
