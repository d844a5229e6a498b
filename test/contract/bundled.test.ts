/** A program in one file, into which a bundler copied its libraries: at level debug one line says why there are no spans. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type OutputOptions, rolldown } from 'rolldown';
import { fromRoot } from '../helpers/paths';
import { runToExit } from '../helpers/run-app';

let dir: string;

/** Below the repository, so that the packages are found. */
before(() => {
  const cache = fromRoot('.cache');
  mkdirSync(cache, { recursive: true });
  dir = mkdtempSync(path.join(cache, 'bundled-'));
  writeFileSync(
    path.join(dir, 'program.cjs'),
    "const { Client } = require('pg');\nnew Client({ host: '127.0.0.1', port: 1 }).connect().catch(() => console.log('done'));\n",
  );
});
after(() => rmSync(dir, { recursive: true, force: true }));

async function bundled(name: string, options: OutputOptions, external: string[] = []): Promise<string> {
  const file = path.join(dir, name);
  const input = path.join(dir, 'program.cjs');
  const bundle = await rolldown({
    input,
    platform: 'node',
    logLevel: 'silent',
    external: ['pg-native', ...external],
  });
  await bundle.write({ file, format: 'cjs', ...options });
  await bundle.close();
  return file;
}

async function hintsOf(entry: string, env: Record<string, string>): Promise<string[]> {
  const ended = await runToExit({ entry, env: { OTEL_TRACES_EXPORTER: 'none', ...env } });
  assert.equal(ended.stdout, 'done\n');
  assert.equal(ended.code, 0);
  return ended.stderr.split('\n').filter((line) => line.includes('copies of'));
}

const debug = { CANVASOPS_LOG_LEVEL: 'debug' };

const bundles: [what: string, options: OutputOptions][] = [
  ['a bundle', {}],
  ['a minified bundle with a source map', { minify: true, sourcemap: true }],
];

for (const [index, [what, options]] of bundles.entries()) {
  test(`${what}: one line names the copies and the way out`, async () => {
    const file = await bundled(`app-${index}.cjs`, options);
    const hints = await hintsOf(file, debug);
    assert.equal(hints.length, 1);
    assert.ok(hints[0]?.startsWith(`[canvasops] ${file} has copies of pg, pg-pool in it`), hints[0]);
    assert.match(hints[0] ?? '', /keep these packages external/);
    assert.deepEqual(await hintsOf(file, { CANVASOPS_LOG_LEVEL: 'info' }), []);
    assert.deepEqual(await hintsOf(file, { ...debug, CANVASOPS_INSTRUMENTATIONS_DISABLED: 'pg' }), []);
  });
}

test('a bundle that keeps its libraries external gets no such line, nor does a program that is none', async () => {
  assert.deepEqual(await hintsOf(await bundled('external.cjs', {}, ['pg']), debug), []);
  assert.deepEqual(await hintsOf(path.join(dir, 'program.cjs'), debug), []);
});
