/** Next.js 15 and 16 as they are built and started in production: the route and the errors of every kind of request. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { httpRequest } from '../helpers/http-request';
import { installPackages } from '../helpers/npm-packages';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { fromRoot } from '../helpers/paths';
import { type RunningApp, runApp } from '../helpers/run-app';
import { freePort } from '../helpers/servers/daemon';
import { callerTrace } from '../helpers/traceparent';
import { inTrace } from '../helpers/tree';

const run = promisify(execFile);

/** Request -> status, route, exceptions. `RSC`: as the client-side router asks. */
const expected: Record<string, readonly [status: number, route: string, ...exceptions: string[]]> = {
  'GET /': [200, '/'],
  'GET /items/5': [200, '/items/[id]'],
  'GET /items/5?x=1': [200, '/items/[id]'],
  'HEAD /items/5': [200, '/items/[id]'],
  'GET /docs/a/b': [200, '/docs/[...slug]'],
  'GET /opt': [200, '/opt/[[...rest]]'],
  'GET /opt/x': [200, '/opt/[[...rest]]'],
  'GET /grouped': [200, '/grouped'],
  'GET /gone': [404, '/gone'],
  'GET /boom': [500, '/boom', 'TypeError: thrown by a page'],
  'GET /api/hello': [200, '/api/hello'],
  'POST /api/things/9': [200, '/api/things/[id]'],
  'GET /api/boom': [500, '/api/boom', 'RangeError: thrown by a route handler'],
  'GET /legacy/7': [200, '/legacy/[id]'],
  'GET /legacy/missing': [404, '/legacy/[id]'],
  'GET /legacy/static': [200, '/legacy/static'],
  'GET /legacy/boom': [500, '/legacy/boom', 'SyntaxError: thrown by getServerSideProps'],
  'GET /api/old': [200, '/api/old'],
  'GET /api/old-boom': [500, '/api/old-boom', 'EvalError: thrown by an API route'],
  'GET /rewritten/4': [200, '/items/[id]'],
  'GET /middleware/5': [200, '/middleware/[id]'],
  'GET /middleware/answered': [200, ''],
  'GET /middleware/redirected': [307, ''],
  'GET /old': [307, ''],
  'GET /items/5/': [308, ''],
  'GET /nowhere/at/all': [404, ''],
  'GET /hello.txt': [200, ''],
  'GET /_next/static/none.js': [404, ''],
};

/** Next 16 redirects those without its own query parameter. */
const prefetched: Record<string, string> = { '/items/5': '/items/[id]', '/grouped': '/grouped' };

for (const version of ['15', '16']) {
  describe(`Next.js ${version}`, { concurrency: 1 }, () => {
    let site = '';
    before(async () => {
      const modules = await installPackages(`next-${version}`, [
        `next@${version}`,
        'react@19',
        'react-dom@19',
      ]);
      // Next builds what lies beside its package.
      site = path.dirname(modules);
      cpSync(fromRoot('fixtures/next/site'), site, { recursive: true });
      const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' as const };
      await run(process.execPath, [path.join(modules, 'next/dist/bin/next'), 'build'], {
        cwd: site,
        env,
        timeout: 5 * 60_000,
      });
      for (const part of ['public', '.next/static'])
        cpSync(path.join(site, part), path.join(site, '.next/standalone', part), { recursive: true });
    });
    const starts: Record<string, (port: string) => { entry: string; args?: string[] }> = {
      'next start': (port) => ({
        entry: path.join(site, 'node_modules/next/dist/bin/next'),
        args: ['start', '-p', port],
      }),
      'the standalone server': () => ({ entry: path.join(site, '.next/standalone/server.js') }),
      'a server of the app': () => ({ entry: path.join(site, 'custom.cjs') }),
    };
    for (const [name, start] of Object.entries(starts)) {
      it(`${name}: each request has one server span, with its route and its errors`, async () => {
        const receiver = await startOtlpReceiver();
        const port = await freePort();
        const app = await runApp({
          ...start(String(port)),
          cwd: site,
          otlp: receiver.url,
          env: { PORT: String(port), HOSTNAME: '127.0.0.1', NODE_ENV: 'production' },
          waitFor: 'spawn',
        });
        try {
          await untilReady(app, port);
          await assertRequests(port, receiver);
          assert.equal(app.stderr().includes('[canvasops]'), false, app.stderr());
        } finally {
          await app.stop();
          await receiver.close();
        }
      });
    }
  });
}

async function untilReady(app: RunningApp, port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      await httpRequest(port, { path: '/hello.txt' });
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  assert.fail(`nothing listens: ${app.stdout()}${app.stderr()}`);
}

async function assertRequests(port: number, receiver: OtlpReceiver): Promise<void> {
  for (const [request, [status, route, ...exceptions]] of Object.entries(expected)) {
    const [method = '', target = ''] = request.split(' ');
    const asked = await ask(port, receiver, method, target);
    assert.deepEqual(asked, { status, route, exceptions, isError: status >= 500 }, request);
  }
  for (const [target, route] of Object.entries(prefetched)) {
    const asked = await ask(port, receiver, 'GET', target, { rsc: '1' });
    assert.equal(asked.route, route, `RSC ${target}`);
  }
}

async function ask(
  port: number,
  receiver: OtlpReceiver,
  method: string,
  target: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; route: unknown; exceptions: string[]; isError: boolean }> {
  const trace = callerTrace();
  const { status } = await httpRequest(port, {
    method,
    path: target,
    headers: { ...headers, ...trace.headers },
  });
  const isRoot = ({ parentSpanId }: { parentSpanId: string }): boolean => parentSpanId === trace.spanId;
  const spans = inTrace(
    await receiver.waitForSpans((all) => inTrace(all, trace.traceId).some(isRoot)),
    trace.traceId,
  );
  const servers = spans.filter(({ kind }) => kind === 'server');
  assert.equal(servers.length, 1, `${method} ${target} has one server span`);
  const [span] = servers;
  assert.ok(span !== undefined && isRoot(span));
  const route = span.attributes['http.route'] ?? '';
  assert.equal(span.name, route === '' ? method : `${method} ${String(route)}`);
  const exceptions = span.events.map(
    ({ attributes }) => `${String(attributes['exception.type'])}: ${String(attributes['exception.message'])}`,
  );
  // Next 15 hands React's own error about the first one on as well.
  const own = exceptions.filter(
    (text) => !text.includes('An error occurred in the Server Components render'),
  );
  return { status, route, exceptions: own, isError: span.status.code === 'error' };
}
