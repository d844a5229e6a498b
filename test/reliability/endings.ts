/** One way to end, run with and without us, before a backend of a kind. */
import assert from 'node:assert/strict';
import { startGrpcReceiver } from '../helpers/grpc-receiver';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { type Exit, type RunAppOptions, runApp } from '../helpers/run-app';
import type { ReceivedSpan } from '../helpers/span';
import type { JaegerSpan } from '../helpers/thrift-official';
import { startThriftUdpReceiver } from '../helpers/thrift-udp-receiver';
import { type Ending, endings } from './endings-expected';

export type Protocol = 'http' | 'grpc' | 'udp';
/** `black hole`: takes requests and never answers. */
export type Health = 'healthy' | 'slow' | 'refused' | 'black hole';

export interface Backend {
  readonly name: string;
  readonly health: Health;
  readonly env: Record<string, string>;
  /** Names of the spans that arrived, each as often as it did, and how they ended if the process did before. */
  spanNames(expected: number): Promise<string[]>;
  clear(): void;
  close(): Promise<void>;
}

const SLOW_MS = 300;

export async function startBackend(protocol: Protocol, health: Health): Promise<Backend> {
  const name = `${protocol}, ${health}`;
  if (protocol === 'udp') {
    const receiver = await startThriftUdpReceiver('127.0.0.31', 6831); // the port is what is taken for Thrift
    return {
      name,
      health,
      // At level error it says nothing of what UDP cannot tell.
      env: { JAEGER_HOST: receiver.host, JAEGER_PORT: '6831', CANVASOPS_LOG_LEVEL: 'error' },
      // Datagrams may still be in the receiver's socket.
      spanNames: async (expected) => (await receiver.waitForSpans(expected)).map(describeJaeger),
      clear: () => receiver.clear(),
      close: () => receiver.close(),
    };
  }
  const answer = health === 'slow' ? { delayMs: SLOW_MS } : health === 'black hole' ? { hang: true } : {};
  const receiver =
    protocol === 'http' ? await startOtlpReceiver({ answer }) : await startGrpcReceiver({ answer });
  const { url } = receiver;
  if (health === 'refused') await receiver.close();
  return {
    name,
    health,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol === 'http' ? 'http/protobuf' : 'grpc',
      // Within the limit also where the tests of others run beside this one; added-time.test.ts is about the time.
      ...((health === 'slow' || health === 'healthy') && { CANVASOPS_EXIT_TIMEOUT: '5000' }),
    },
    spanNames: async (expected) => (await receiver.waitForSpans(expected)).map(describe),
    clear: () => receiver.clear(),
    close: () => (health === 'refused' ? Promise.resolve() : receiver.close()),
  };
}

function describe({ name, attributes, events, status }: ReceivedSpan): string {
  const errors = events.map((event) => String(event.attributes['exception.message']));
  assert.equal(status.code, errors.length > 0 ? 'error' : 'unset', name);
  return describeEnd(name, attributes['canvasops.unfinished'] === true, errors);
}

function describeJaeger({ operationName, tags, logs }: JaegerSpan): string {
  const errors = logs.map(({ fields }) => String(fields['exception.message']));
  return describeEnd(operationName, tags['canvasops.unfinished'] === true, errors);
}

function describeEnd(name: string, isUnfinished: boolean, errors: string[]): string {
  return `${name}${isUnfinished ? ', unfinished' : ''}${errors.map((error) => `, error: ${error}`).join('')}`;
}

export interface Ended extends Exit {
  stdout: string;
  /** Without our lines. */
  stderr: string;
  ourLines: string[];
}

/** `env` undefined: without us, but with a preload that does nothing, since the flag alone changes stack traces. */
export async function end(
  name: string,
  env: Record<string, string> | undefined,
  node?: RunAppOptions['node'],
): Promise<Ended> {
  const { signal, entry = 'fixtures/endings/app.cjs' } = endings[name] as Ending;
  const app = await runApp({
    entry,
    args: [name],
    waitFor: 'spawn',
    ...(node !== undefined && { node }),
    ...(env === undefined ? { flag: 'none', nodeArgs: ['--import', 'data:text/javascript,'] } : { env }),
  });
  if (signal !== undefined) {
    await app.waitForOutput('ready');
    app.child.kill(signal);
  }
  const exit = await app.exit;
  const ourLines: string[] = [];
  const stderr = app
    .stderr()
    .split('\n')
    .filter((line) => !(line.startsWith('[canvasops] ') && ourLines.push(line)))
    .join('\n');
  return { ...exit, stdout: app.stdout(), stderr, ourLines };
}

const bare = new Map<string, Promise<Ended>>();

function endBare(name: string, node: RunAppOptions['node']): Promise<Ended> {
  const key = `${node} ${name}`;
  const known = bare.get(key) ?? end(name, undefined, node);
  bare.set(key, known);
  return known;
}

/** The ending is the same as without us, and every span is where it belongs. */
export async function assertEnding(
  name: string,
  backend: Backend,
  node?: RunAppOptions['node'],
): Promise<void> {
  backend.clear();
  const { spans, others = [], lines = 1 } = endings[name] as Ending;
  const expected = await endBare(name, node);
  const ended = await end(name, backend.env, node);
  const { ourLines, ...outcome } = ended;
  const { ourLines: _, ...without } = expected;
  assert.deepEqual(comparable(outcome), comparable(without));
  if (backend.health === 'healthy' || backend.health === 'slow') {
    assert.deepEqual(ourLines, []);
    const names = Object.entries(spans)
      .flatMap(([who, count]) => Array.from({ length: count }, (_each, i) => `${who} ${i}`))
      .concat(others);
    assert.deepEqual((await backend.spanNames(names.length)).sort(), names.sort(), 'each span once');
    return;
  }
  const least = Object.keys(spans).length === 0 ? 0 : 1;
  const said = ourLines.join('\n');
  assert.ok(ourLines.length >= least && ourLines.length <= lines, `${lines} lines at most:\n${said}`);
  for (const line of ourLines) assert.match(line, /To fix: /);
}

/**
 * Warnings carry the process's id. Below the app's own frames, a stack trace has ours where Node calls the app through
 * us (`process.emit`, the loading of modules), which is why only those of the app are compared.
 */
function comparable<T extends { stderr: string }>(ended: T): T {
  const stderr = ended.stderr
    .replaceAll(/\(node:\d+\)/g, '(node:…)')
    .split('\n')
    .filter((line) => !line.startsWith('    at ') || line.includes('/fixtures/'))
    .join('\n');
  return { ...ended, stderr };
}
