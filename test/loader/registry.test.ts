/** Each entry of the registry and the file that it loads speak of the same things. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import vm from 'node:vm';
import { registry } from '../../src/instrumentations';
import type { CreateInstrumentation, InstrumentationEnv } from '../../src/instrumentations/define';
import { loadFrom } from '../config/loading';
import { fromRoot } from '../helpers/paths';

const load = createRequire(__filename);
const nothing = (): void => undefined;
const env = {
  wrap: nothing,
  watchEmit: nothing,
  watchRead: nothing,
  guard: (fn: () => void) => fn,
  active: () => true,
  hasFiles: true,
  config: loadFrom({}).config,
  propagator: { fields: () => [] },
} as unknown as InstrumentationEnv;

/** An identifier that a module may declare; others would make the source of the library a syntax error. */
function isBinding(name: string): boolean {
  try {
    new vm.Script(`'use strict'; async () => { let ${name}; }`);
    return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name);
  } catch {
    return false;
  }
}

test('names of bindings are told from what is none', () => {
  assert.deepEqual(['Query', '$a_1', 'default', 'a, b', 'await', 'eval'].map(isBinding), [
    ...[true, true],
    ...[false, false, false, false],
  ]);
});

for (const { name, packages, builtins = {} } of registry) {
  test(`${name}: what is wanted of ES modules is wanted of a file, and can be declared in it`, () => {
    for (const { esm = {}, bindings = {} } of packages) {
      assert.deepEqual(Object.keys(bindings).sort(), Object.keys(esm).sort());
      for (const binding of Object.values(bindings).flat()) assert.ok(isBinding(binding), binding);
    }
  });

  test(`${name}: every file that the entry names is patched, and no other`, () => {
    const { create } = load(fromRoot('dist/instrumentations', `${name}.cjs`)) as {
      create: CreateInstrumentation;
    };
    const ofPackages = packages.flatMap(({ files, esm = {} }) => Object.keys({ ...files, ...esm }));
    const named = new Set([...ofPackages, ...Object.keys(builtins)]);
    assert.deepEqual(Object.keys(create(env).patch ?? {}).sort(), [...named].sort());
  });
}
