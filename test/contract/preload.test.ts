/** What the preload does to a process that asks nothing of it: as little as possible, and nothing that shows. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { fromRoot } from '../helpers/paths';
import { type Flag, type RunAppOptions, runToExit } from '../helpers/run-app';

interface State {
  cache: string[];
  builtins: string[];
  env: Record<string, string>;
  globals: string[];
  symbols: string[];
  listeners: [string, number][];
  subscribed: string[];
  load: string;
}

const flags: Flag[] = ['--import', '--require', 'NODE_OPTIONS'];

async function stateOf(options: Partial<RunAppOptions>): Promise<State> {
  const { stdout, stderr, code } = await runToExit({ entry: 'fixtures/programs/state.cjs', ...options });
  assert.equal(stderr, '');
  assert.equal(code, 0);
  return JSON.parse(stdout) as State;
}

/** Any --import at all makes Node listen to 'exit'; what we are compared with is one that does nothing. */
const nothing = pathToFileURL(fromRoot('fixtures/programs/nothing.mjs')).href;
const untraced: Partial<RunAppOptions> = { flag: 'none', nodeArgs: ['--import', nothing] };

function inTemporaryFolder(use: (dir: string) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'canvasops-preload-'));
  return use(dir).finally(() => rmSync(dir, { recursive: true, force: true }));
}

for (const flag of flags) {
  test(`an empty program stays silent, ${flag}`, async () => {
    for (const form of ['cjs', 'mjs']) {
      const ended = await runToExit({ entry: `fixtures/programs/nothing.${form}`, flag });
      assert.deepEqual(ended, { code: 0, signal: null, stdout: '', stderr: '' });
    }
  });

  test(`nothing is loaded that nobody asked for, ${flag}`, async () => {
    const { cache, builtins } = await stateOf({ flag });
    const own = cache.filter((file) => !file.includes('/fixtures/'));
    for (const file of own) assert.ok(file.startsWith(fromRoot('.')), file);
    const below = own.map((file) => path.relative(fromRoot('.'), file));
    for (const file of below) {
      assert.doesNotMatch(file, /node_modules|^dist\/(instrumentations|export)\//, 'loaded when needed');
    }
    assert.ok(below.includes('dist/preload.cjs'), 'this is a look at the right process');
    assert.equal(below.includes('dist/delivery.cjs'), false, 'without a span there is nothing to deliver');
    for (const heavy of ['https', 'http2', 'tls', 'zlib', 'dgram', 'worker_threads', 'child_process']) {
      assert.equal(builtins.includes(heavy), false, `node:${heavy}`);
    }
  });
}

test('the graph of ES modules has the entry of the preload, and no more', async () => {
  await inTemporaryFolder(async (dir) => {
    const list = path.join(dir, 'list');
    const lister = pathToFileURL(fromRoot('fixtures/programs/list-modules.mjs')).href;
    const entry = 'fixtures/programs/nothing.mjs';
    const preload = pathToFileURL(fromRoot('register.mjs')).href;
    const nodeArgs = ['--import', lister, '--import', preload];
    const ended = await runToExit({ entry, flag: 'none', nodeArgs, env: { LIST_TO: list } });
    assert.equal(ended.code, 0);
    const loaded = readFileSync(list, 'utf8').trim().split('\n');
    assert.deepEqual(loaded, [preload, pathToFileURL(fromRoot(entry)).href]);
  });
});

test('switched off, there is no trace of us', async () => {
  const plain = await stateOf(untraced);
  for (const env of [{ CANVASOPS_ENABLED: 'false' }, { OTEL_SDK_DISABLED: 'true' }]) {
    const off = await stateOf({ env });
    assert.deepEqual(off.listeners, plain.listeners);
    assert.deepEqual(off.symbols, plain.symbols);
    assert.deepEqual(off.subscribed, []);
    assert.equal(off.load, plain.load);
    assert.equal(off.builtins.includes('http'), false);
  }
  assert.notDeepEqual((await stateOf({})).symbols, plain.symbols, 'and switched on, there is one');
});

test('globals and the listeners that an app can count stay as they are', async () => {
  const plain = await stateOf(untraced);
  const traced = await stateOf({});
  assert.deepEqual(traced.globals, plain.globals);
  const counted = (state: State): [string, number][] => state.listeners.filter(([, count]) => count > 0);
  const signals = counted(traced).filter(([name]) => name.startsWith('SIG') || name === 'exit');
  assert.deepEqual(
    signals,
    counted(plain).filter(([name]) => name.startsWith('SIG') || name === 'exit'),
  );
});

test('process.env stays as it is, also when a .env file is read', async () => {
  await inTemporaryFolder(async (dir) => {
    const receiver = await startOtlpReceiver();
    const settings = ['OTEL_SERVICE_NAME=from-the-file', `OTEL_EXPORTER_OTLP_ENDPOINT=${receiver.url}`];
    writeFileSync(path.join(dir, '.env'), [...settings, 'OTHER=1', 'HOME=elsewhere'].join('\n'));
    const plain = await stateOf({ flag: 'none', cwd: dir });
    const traced = await stateOf({ cwd: dir });
    assert.deepEqual(traced.env, plain.env);
    assert.equal(
      traced.cache.some((file) => file.includes('dotenv')),
      true,
      'the file was read',
    );

    const entry = 'fixtures/programs/same-state.mjs';
    const { stdout } = await runToExit({ entry, cwd: dir, env: { OTEL_BSP_SCHEDULE_DELAY: '10' } });
    assert.equal((JSON.parse(stdout) as { delivered: boolean }).delivered, true);
    assert.equal(receiver.spans()[0]?.resource['service.name'], 'from-the-file');
    await receiver.close();
  });
});

test('CANVASOPS_ENV_FILE names another file, and the environment is stronger than it', async () => {
  await inTemporaryFolder(async (dir) => {
    const receiver = await startOtlpReceiver();
    const file = path.join(dir, 'settings.env');
    writeFileSync(file, 'OTEL_SERVICE_NAME=from-the-file\nOTEL_RESOURCE_ATTRIBUTES=team=file\n');
    const env = { CANVASOPS_ENV_FILE: file, OTEL_SERVICE_NAME: 'from-the-environment' };
    const ended = await runToExit({ entry: 'fixtures/programs/same-state.mjs', otlp: receiver.url, env });
    assert.equal(ended.stderr, '');
    const [span] = receiver.spans();
    assert.equal(span?.resource['service.name'], 'from-the-environment');
    assert.equal(span?.resource.team, 'file');
    await receiver.close();
  });
});

test('the manual API is one, whichever way it is come by', async () => {
  const receiver = await startOtlpReceiver();
  const entry = 'fixtures/programs/same-state.mjs';
  const { stdout, stderr } = await runToExit({ entry, otlp: receiver.url });
  assert.equal(stderr, '');
  const { seen, delivered, stats } = JSON.parse(stdout) as {
    seen: { id: string; same: boolean; names: number; created: number }[];
    delivered: boolean;
    stats: { created: number; delivered: number };
  };
  const [span, ...others] = receiver.spans();
  assert.deepEqual(others, []);
  const [first] = seen;
  for (const way of seen) assert.deepEqual(way, { ...first, id: span?.spanId, same: true, created: 1 });
  assert.equal(delivered, true);
  assert.deepEqual([stats.created, stats.delivered], [1, 1]);
  await receiver.close();
});
