/** Each entry of the registry and the file that it loads speak of the same things. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { registry } from '../../src/instrumentations';
import type { CreateInstrumentation, InstrumentationEnv } from '../../src/instrumentations/define';
import { loadFrom } from '../config/loading';
import { fromRoot } from '../helpers/paths';

const load = createRequire(__filename);
// Where no file of it was loaded, its instrumentation takes mysql2 for a part of a bundle.
load.cache['/app/node_modules/mysql2/lib/index.js'] = module;

const nothing = (): void => undefined;
const env = {
  wrap: nothing,
  watchEmit: nothing,
  watchRead: nothing,
  guard: (fn: () => void) => fn,
  active: () => true,
  config: loadFrom({}).config,
  propagator: { fields: () => [] },
} as unknown as InstrumentationEnv;

for (const { name, packages } of registry) {
  test(`${name}: every file that the entry names is patched, and no other`, () => {
    const { create } = load(fromRoot('dist/instrumentations', `${name}.cjs`)) as {
      create: CreateInstrumentation;
    };
    const named = new Set(packages.flatMap(({ files }) => Object.keys(files)));
    assert.deepEqual(Object.keys(create(env).patch ?? {}).sort(), [...named].sort());
  });
}
