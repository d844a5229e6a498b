/** Libraries in ES modules are patched on every line of Node, in every way in which they come to be loaded. */
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { NodeVersion } from '../helpers/node-versions';
import { fromRoot } from '../helpers/paths';
import { installPostgres, runEsm, setUpEsm } from './esm-harness';

const versions: NodeVersion[] = ['20', '22', '24', '26'];
const { folder, remove } = setUpEsm();
const newer = setUpEsm('2.0.0');
before(installPostgres);
after(remove);
after(newer.remove);
const program = (name: string): string => path.join(folder, name);

for (const node of versions) {
  /** `module.registerHooks` reaches a `require` of ES modules too. */
  const hasSyncHooks = node !== '20';
  describe(`Node ${node}`, { concurrency: 2 }, () => {
    const traced = (entry: string, LEDGER_PATCH?: string): ReturnType<typeof runEsm> =>
      runEsm(program(entry), node, { env: { LEDGER_PATCH } });
    const bare = (entry: string): ReturnType<typeof runEsm> => runEsm(program(entry), node, { flag: 'none' });

    it('an ES module is patched, and what the program prints stays the same, with its stacks', async () => {
      const { spans, ...ended } = await traced('ledger.mjs');
      assert.deepEqual(spans, ['ledger add', 'ledger add', 'ledger add']);
      const expected = await bare('ledger.mjs');
      assert.deepEqual({ ...ended, spans: [] }, expected);
      assert.match(expected.stdout, /at mistake \(.*ledger\.js:\d+:10\)/);
    });

    it('under --require, under NODE_OPTIONS, and with source maps on', async () => {
      const expected = await bare('ledger.mjs');
      for (const options of [
        { flag: '--require' },
        { flag: '--import', nodeArgs: ['--enable-source-maps'] },
        { flag: 'none', nodeArgs: ['--import', pathToFileURL(fromRoot('register.mjs')).href] },
      ] as const) {
        const ended = await runEsm(program('ledger.mjs'), node, {
          ...options,
          nodeArgs: [...(options.nodeArgs ?? [])],
        });
        assert.equal(ended.spans.length, 3, JSON.stringify(options));
        assert.deepEqual({ ...ended, spans: [] }, expected);
      }
    });

    it('the CommonJS build of the same library is patched by the same part', async () => {
      const { spans, ...ended } = await traced('ledger.cjs');
      assert.equal(spans.length, 3);
      assert.deepEqual({ ...ended, spans: [] }, await bare('ledger.cjs'));
    });

    it('an assignment takes effect in the module, and for those who import it', async () => {
      const { stdout, stderr } = await traced('ledger.mjs', 'replace');
      assert.equal(stderr, '');
      assert.match(
        stdout,
        /"entries":\["#1, replaced","#2, replaced","#3, replaced"\].*"format":"#0, replaced"/,
      );
    });

    it('a class that is not exported can be patched', async () => {
      assert.match((await traced('ledger.mjs', 'hidden')).stdout, /"entries":\["#1 of a hidden class",/);
    });

    it('what the module does not declare is not there, whether it is a global or nothing at all', async () => {
      const { stdout } = await traced('ledger.mjs', 'names');
      assert.equal(stdout.split('\n')[0], 'LIMIT Ledger Store format open');
    });

    it('a patch that throws, or assigns to a constant, is told of once and leaves the bindings as they were', async () => {
      const expected = await bare('ledger.mjs');
      for (const patch of ['throws', 'const']) {
        const { stdout, stderr, spans } = await traced('ledger.mjs', patch);
        assert.equal(stdout, expected.stdout);
        assert.match(
          stderr,
          /^\[canvasops\] the instrumentation "ledger" could not instrument @fixtures\/ledger 1\.2\.3/,
        );
        assert.equal(stderr.trim().split('\n').length, 1, stderr);
        assert.deepEqual(spans, []);
      }
    });

    it('another version is left alone, and told of once', async () => {
      const entry = path.join(newer.folder, 'ledger.mjs');
      const { stderr, spans, stdout } = await runEsm(entry, node);
      assert.equal(
        stderr,
        '[canvasops] @fixtures/ledger 2.0.0 is outside the supported range >=1.0.0 <2.0.0: no spans from it\n',
      );
      assert.deepEqual(spans, []);
      assert.match(stdout, /"entries":\["#1","#2","#3"\]/);
    });

    it('a module that awaits is patched when it is done, and each query makes a module of its own', async () => {
      const { stdout, stderr, spans } = await traced('ways.mjs');
      assert.deepEqual([stdout, stderr], ['waited, and patched\n', '']);
      assert.deepEqual(spans, Array(4).fill('ledger add'));
    });

    it('in a worker thread, and in the main thread after it', async () => {
      const { stdout, stderr, spans } = await traced('in-worker.mjs');
      assert.equal(spans.length, 6, stdout + stderr);
      assert.equal(stdout, (await bare('in-worker.mjs')).stdout);
    });

    it('the debug log has a line per file', async () => {
      const env = { CANVASOPS_LOG_LEVEL: 'debug' };
      const { stderr } = await runEsm(program('ledger.mjs'), node, { env });
      assert.match(stderr, /@fixtures\/ledger@1\.2\.3 lib\/ledger\.js: patched/);
    });

    it('switched off, nothing is hooked', async () => {
      const env = { CANVASOPS_INSTRUMENTATIONS_DISABLED: 'ledger' };
      const { spans, stderr } = await runEsm(program('ledger.mjs'), node, { env });
      assert.deepEqual([spans, stderr], [[], '']);
    });

    it('a program without the library gets no hook, and one with it shows nothing more of us', async () => {
      const state = async (
        entry: string,
      ): Promise<{ cache: string[]; symbols: string[]; globals: string[] }> =>
        JSON.parse((await runEsm(entry, node)).stdout);
      const without = await state('fixtures/programs/state.cjs');
      copyFileSync(fromRoot('fixtures/programs/state.cjs'), program('state.cjs'));
      const withIt = await state(program('state.cjs'));
      const hooks = ({ cache }: typeof without): string[] =>
        cache.filter((file) => file.includes('dist/loader/esm'));
      assert.deepEqual(hooks(without), []);
      assert.ok(hooks(withIt).length > 0);
      assert.deepEqual([withIt.symbols, withIt.globals], [without.symbols, without.globals]);
    });

    it(`a require of an ES module is ${hasSyncHooks ? '' : 'not '}seen`, async () => {
      const { stdout, spans } = await traced('require-esm.cjs');
      assert.equal(stdout, 'true\n');
      assert.deepEqual(spans, hasSyncHooks ? ['ledger add'] : []);
    });

    for (const form of ['mjs', 'cjs'])
      it(`postgres, ${form}`, async () => {
        const { stdout, stderr, spans } = await traced(`postgres.${form}`);
        assert.deepEqual([stdout, stderr], ['ECONNREFUSED\n', '']);
        assert.deepEqual(spans, ['SELECT']);
      });
  });
}
