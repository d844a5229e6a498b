/** Apps in `fixtures/hosted`, run with one of the sets of packages in `fixtures/hosted/packages`. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { registry } from '../../src/instrumentations';
import { installFixtures } from '../helpers/fixtures';
import type { HttpAnswer } from '../helpers/http-request';
import { serverUrl } from '../helpers/needs';
import type { NodeVersion } from '../helpers/node-versions';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { fromRoot } from '../helpers/paths';
import { runApp } from '../helpers/run-app';
import type { ReceivedSpan } from '../helpers/span';
import { callerTrace } from '../helpers/traceparent';
import { drawTree, inTrace } from '../helpers/tree';

/** A folder in `fixtures/hosted/packages`. */
export type Packages = 'openai' | 'official' | 'distribution';

export const OPENINFERENCE = '@arizeai/openinference-instrumentation-openai';

export interface HostedCase {
  readonly packages: Packages;
  /** File in fixtures/hosted without its ending. */
  readonly app: string;
  /** CANVASOPS_INSTRUMENTATIONS */
  readonly names: string;
  readonly path: string;
  /** The spans of that request. */
  readonly tree: string;
  readonly needs?: 'redis';
}

const CHAT_TREE = 'server GET\n  internal OpenAI Chat Completions  [ok]\n    client POST';
/** OpenInference sets no status on streams. */
const STREAM_TREE = 'server GET\n  internal OpenAI Chat Completions\n    client POST';
const KOA_TREE = 'server GET /users/:id\n  internal middleware - anonymous\n    internal router - /users/:id';
export const HAPI_TREE = 'server GET /users/{id}\n  internal route - /users/{id}';

const official = (name: string): string => `@opentelemetry/instrumentation-${name}`;

export const CASES: readonly HostedCase[] = [
  { packages: 'openai', app: 'openai', names: OPENINFERENCE, path: '/chat', tree: CHAT_TREE },
  { packages: 'openai', app: 'openai', names: OPENINFERENCE, path: '/stream', tree: STREAM_TREE },
  { packages: 'official', app: 'koa', names: official('koa'), path: '/users/7', tree: KOA_TREE },
  {
    packages: 'official',
    app: 'hapi',
    names: official('hapi'),
    path: '/users/7',
    tree: HAPI_TREE,
  },
  {
    packages: 'official',
    app: 'redis',
    names: official('redis'),
    path: '/set',
    tree: 'server GET\n  client redis-SET',
    needs: 'redis',
  },
  { packages: 'official', app: 'pino', names: official('pino'), path: '/log', tree: 'server GET' },
];

export interface HostedRun {
  readonly answer: HttpAnswer;
  /** Of the request. */
  readonly spans: ReceivedSpan[];
  readonly stdout: string;
  readonly stderr: string;
  readonly traceId: string;
}

export interface HostedOptions {
  readonly form: 'cjs' | 'mjs';
  readonly node?: NodeVersion;
  readonly env?: Record<string, string>;
  /** The `.env` file in the working directory. */
  readonly envFile?: string;
}

/** Where the packages are installed: programs below it find them. */
async function placeOf(packages: Packages): Promise<string> {
  const folder = fromRoot('fixtures/hosted/packages', packages);
  await installFixtures(path.join(folder, 'package.json'));
  return path.dirname(realpathSync(path.join(folder, 'node_modules')));
}

/** One request to one of the apps; the app ends before this returns. */
export async function runHosted(
  { packages, app: name, names, path: target, needs }: Omit<HostedCase, 'tree'>,
  { form, node, env, envFile }: HostedOptions,
): Promise<HostedRun> {
  const place = await placeOf(packages);
  const folder = mkdtempSync(path.join(place, 'app-'));
  const [otlp, model] = await Promise.all([startOtlpReceiver(), startModel()]);
  try {
    const filter = (from: string): boolean => path.basename(from) !== 'packages';
    cpSync(fromRoot('fixtures/hosted'), path.join(folder, 'hosted'), { recursive: true, filter });
    cpSync(fromRoot('fixtures/serve.cjs'), path.join(folder, 'serve.cjs'));
    if (envFile !== undefined) writeFileSync(path.join(folder, 'hosted/.env'), envFile);
    const app = await runApp({
      entry: path.join(folder, 'hosted', `${name}.${form}`),
      ...(node && { node }),
      otlp: otlp.url,
      env: {
        CANVASOPS_INSTRUMENTATIONS: names,
        CANVASOPS_INSTRUMENTATIONS_DISABLED: oursAmong(names),
        OPENAI_URL: `${model.url}/v1`,
        ...(needs && { REDIS_URL: serverUrl(needs) }),
        ...env,
      },
    });
    const caller = callerTrace();
    const answer = await app.get(target, caller.headers);
    await app.stop();
    const spans = inTrace(otlp.spans(), caller.traceId);
    return { answer, spans, stdout: app.stdout(), stderr: app.stderr(), traceId: caller.traceId };
  } finally {
    await Promise.all([otlp.close(), model.close()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a case and compares its spans with the drawing; nothing may be said on the way. */
export async function checkHosted(which: HostedCase, options: HostedOptions): Promise<void> {
  const { answer, spans, stdout, stderr, traceId } = await runHosted(which, options);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(drawTree(spans), which.tree);
  assert.match(stdout, /^listening \d+\n$/);
  if (which.app !== 'pino') {
    assert.equal(stderr, '');
    return;
  }
  const line = JSON.parse(stderr) as Record<string, unknown>;
  // Sampled, and with random bits in the trace id: W3C Trace Context level 2.
  assert.deepEqual([line.trace_id, line.trace_flags], [traceId, '01']);
}

/** Where ours traces the same library, the hosted one has it to itself. */
function oursAmong(names: string): string {
  const short = names.split(',').map((name) => name.replace('@opentelemetry/instrumentation-', ''));
  return registry.flatMap(({ name }) => (short.includes(name) ? [name] : [])).join(',');
}

/** Answers as OpenAI's chat completions do, at once or as a stream of events. */
async function startModel(): Promise<{ url: string; close(): Promise<void> }> {
  const server = http.createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const { stream, model } = JSON.parse(body) as { stream?: boolean; model: string };
      const head = { id: 'chat-1', created: 1, model };
      if (stream === true) {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (const content of ['a timed', ' operation']) {
          const choices = [{ index: 0, delta: { content }, finish_reason: null }];
          const piece = { ...head, object: 'chat.completion.chunk', choices };
          response.write(`data: ${JSON.stringify(piece)}\n\n`);
        }
        response.end('data: [DONE]\n\n');
        return;
      }
      const message = { role: 'assistant', content: 'a timed operation' };
      const usage = { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({
          ...head,
          object: 'chat.completion',
          choices: [{ index: 0, message, finish_reason: 'stop' }],
          usage,
        }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
