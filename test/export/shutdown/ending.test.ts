import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type GrpcReceiver, startGrpcReceiver } from '../../helpers/grpc-receiver';
import { type OtlpReceiver, startOtlpReceiver } from '../../helpers/otlp-receiver';
import { startThriftUdpReceiver, type ThriftUdpReceiver } from '../../helpers/thrift-udp-receiver';
import { otlp } from '../config';
import { type Built, buildExport } from './build';
import type { EndingSettings } from './ending-app';

interface Ended {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

let built: Built;
let receiver: OtlpReceiver;
let grpc: GrpcReceiver;
let udp: ThriftUdpReceiver;

before(async () => {
  built = await buildExport();
  receiver = await startOtlpReceiver();
  grpc = await startGrpcReceiver();
  udp = await startThriftUdpReceiver();
});
after(async () => {
  await Promise.all([receiver.close(), grpc.close(), udp.close()]);
  built.remove();
});

function start(
  settings: EndingSettings,
  env: NodeJS.ProcessEnv = {},
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [built.app, JSON.stringify(settings)], {
    env: { ...process.env, NODE_OPTIONS: '', NODE_TEST_CONTEXT: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<Ended>((resolve) => {
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (chunk) => {
      stdout += chunk;
      if (String(chunk).includes('ready')) child.emit('ready');
    });
    child.stderr?.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, ended };
}

function destination(): ReturnType<typeof otlp> {
  return otlp(`${receiver.url}/v1/traces`);
}

/** Every span once: nothing lost, nothing twice. */
function assertWhole(count: number, seen: { name?: string; operationName?: string }[]): void {
  const names = seen.map((span) => span.name ?? span.operationName).sort();
  assert.deepEqual(names, Array.from({ length: count }, (_, i) => `span ${i}`).sort());
}

async function run(
  settings: Partial<EndingSettings> & { end: string },
  env?: NodeJS.ProcessEnv,
): Promise<Ended> {
  receiver.clear();
  return start({ destinations: [destination()], spans: 10, ...settings }, env).ended;
}

describe('the end of a process', () => {
  const codes: Record<string, { code: number; spans?: number; stdout?: string; stderr?: RegExp }> = {
    natural: { code: 0 },
    'natural with beforeExit listener': { code: 0, stdout: 'beforeExit 0\n' },
    exit: { code: 3 },
    'exit code': { code: 4 },
    'exit listener': { code: 5, spans: 11, stdout: 'exit 5\n' },
    'exit listener throws': { code: 1, stderr: /Error: thrown in exit/ },
    'exit listener exits': { code: 6 },
    throw: { code: 1, stderr: /Error: uncaught on purpose/ },
    reject: { code: 1, stderr: /Error: unhandled on purpose/ },
    'flush and exit': { code: 0, stdout: 'flushed true\n' },
  };
  for (const [end, expected] of Object.entries(codes)) {
    it(`loses nothing and stays as it is: ${end}`, async () => {
      const ended = await run({ end });
      assert.equal(ended.code, expected.code, ended.stderr);
      assert.equal(ended.signal, null);
      assert.equal(ended.stdout, expected.stdout ?? '');
      if (expected.stderr === undefined) assert.equal(ended.stderr, '');
      else assert.match(ended.stderr, expected.stderr);
      assert.doesNotMatch(ended.stderr, /canvasops\]/);
      assertWhole(expected.spans ?? 10, receiver.spans());
    });
  }

  it('sends what is left to all destinations at once', async () => {
    grpc.clear();
    udp.clear();
    const ended = await run({
      end: 'exit',
      destinations: [
        destination(),
        otlp(grpc.url, { id: 'grpc', protocol: 'grpc' }),
        otlp(`${receiver.url}/v1/traces`, {
          id: 'json',
          protocol: 'http/json',
          dialect: 'openinference',
          compression: 'gzip',
        }),
        { id: 'jaeger', label: 'Jaeger', transport: 'jaeger-udp', host: udp.host, port: udp.port },
      ],
    });
    assert.equal(ended.code, 3);
    assert.equal(ended.stderr, '');
    assertWhole(10, grpc.spans());
    assertWhole(10, await udp.waitForSpans(10));
    const spans = receiver.spans();
    assertWhole(
      10,
      spans.filter((span) => span.attributes.metadata === undefined),
    );
    assertWhole(
      10,
      spans.filter((span) => span.attributes.metadata !== undefined),
    );
  });

  it('sends a backlog of many batches', async () => {
    const ended = await run({ end: 'exit', spans: 20_000 });
    assert.equal(ended.stderr, '');
    assertWhole(20_000, receiver.spans());
  });

  it('neither repeats nor forgets what is under way', async () => {
    for (let i = 0; i < 5; i++) {
      receiver.answer(() => ({ delayMs: Math.random() * 40 }));
      const ended = await run({ end: 'exit while under way', spans: 5000, maxBatchSize: 100 });
      assert.equal(ended.stderr, '');
      assertWhole(5000, receiver.spans());
    }
    receiver.answer({});
  });

  it('is held up no longer than told by a backend that does not answer, and says what was lost', async () => {
    receiver.answer({ hang: true });
    const ended = await run({ end: 'exit', exitTimeoutMs: 300 });
    receiver.answer({});
    assert.equal(ended.code, 3);
    assert.match(
      ended.stderr,
      /^\[canvasops\] OTLP, .*: 10 spans lost at the end of the process: no answer within \d+ ms\. To fix: .*CANVASOPS_EXIT_TIMEOUT.*\n$/,
    );
  });

  it('says one line when nobody listens at the implicit destination', async () => {
    for (const end of ['natural', 'exit']) {
      const ended = await run({
        end,
        destinations: [otlp('http://127.0.0.1:1/v1/traces', { implicit: true })],
      });
      assert.match(ended.stderr, /^\[canvasops\] no trace backend is configured .*\n$/);
    }
  });

  it('gives a custom exporter its spans, synchronously or not', async () => {
    for (const end of ['natural', 'exit']) {
      const file = path.join(built.dir, `exporter-${end}.mjs`);
      const out = `${file}.out`;
      writeFileSync(
        file,
        `import fs from 'node:fs';
        export default () => ({
          async export(spans, done) {
            if (${end === 'natural'}) await new Promise((resolve) => setTimeout(resolve, 20));
            fs.appendFileSync(${JSON.stringify(out)}, spans.map((span) => span.name + '\\n').join(''));
            done({ code: 0 });
          },
          shutdown() { fs.appendFileSync(${JSON.stringify(out)}, 'shutdown\\n'); },
        });`,
      );
      const custom = {
        id: 'custom',
        label: 'Custom',
        transport: 'custom',
        module: file,
        timeoutMs: 1000,
      } as const;
      const ended = await run({ end, spans: 3, destinations: [custom] });
      assert.equal(ended.stderr, '');
      assert.equal(readFileSync(out, 'utf8'), 'span 0\nspan 1\nspan 2\nshutdown\n', end);
    }
  });

  it('shows what the terminal still held', async () => {
    const ended = await run({
      end: 'exit',
      spans: 1,
      destinations: [{ id: 'console', label: 'Terminal', transport: 'console' }],
    });
    assert.match(ended.stderr, /trace 0+1, 1 span\n {2}span 0/);
  });

  it('loads nothing of the app into the worker', async () => {
    const preload = path.join(built.dir, 'preload.cjs');
    writeFileSync(preload, `process.stdout.write('preloaded\\n')`);
    const ended = await run({ end: 'exit' }, { NODE_OPTIONS: `--require ${preload}` });
    assert.equal(ended.stdout, 'preloaded\n');
    assertWhole(10, receiver.spans());
  });
});

describe('a signal', () => {
  async function signalled(end: string, signal: NodeJS.Signals): Promise<Ended> {
    receiver.clear();
    const { child, ended } = start({ destinations: [destination()], spans: 10, end });
    await new Promise((resolve) => child.once('ready', resolve));
    child.kill(signal);
    return ended;
  }

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    it(`${signal} flushes and ends the process by itself when nobody listens`, async () => {
      const ended = await signalled('wait', signal);
      assert.deepEqual(ended, { code: null, signal, stdout: 'ready\n', stderr: '' });
      assertWhole(10, receiver.spans());
    });
  }

  it('is left to the app when the app listens, which does not see us', async () => {
    const ended = await signalled('wait with own handler', 'SIGTERM');
    assert.deepEqual(ended, { code: 7, signal: null, stdout: 'ready\nown handler of 1 1\n', stderr: '' });
    assertWhole(10, receiver.spans());
  });

  for (const end of ['wait like signal-exit', 'wait with a handler that was taken off']) {
    it(`still ends the process: ${end}`, async () => {
      const ended = await signalled(end, 'SIGTERM');
      assert.equal(ended.signal, 'SIGTERM');
      assertWhole(10, receiver.spans());
    });
  }
});
