/**
 * What a library's fixture says is what is seen: for each of its versions, as CommonJS and as ESM. Which libraries there are
 * is found in the folders: those with a `library.cjs`.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type ServerName, serverUrl } from '../helpers/needs';
import type { NodeVersion } from '../helpers/node-versions';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { fromRoot } from '../helpers/paths';
import { type RunAppOptions, type RunningApp, runApp, runToExit } from '../helpers/run-app';
import type { ReceivedSpan } from '../helpers/span';
import { type ProxyKind, type StatementProxy, startStatementProxy } from '../helpers/statement-proxy';
import { callerTrace } from '../helpers/traceparent';
import { inTrace } from '../helpers/tree';

export interface Library {
  /** Name of the fixture's folder. */
  readonly name: string;
  readonly file: string;
  /** What it connects to. */
  readonly server: ServerName | undefined;
  /** The names under which its versions are installed. */
  readonly versions: readonly string[];
}

export type Form = 'cjs' | 'mjs';

/** What a route of `library.cjs` says of itself. */
interface Route {
  /** Names of its spans in order, with ` error=TYPE` where they failed. */
  readonly spans?: readonly string[];
  /** The name of each of its spans, of which there are as many as `?n=` says. */
  readonly each?: string;
}

export interface Subject {
  readonly library: Library;
  readonly version: string;
  readonly form: Form;
  readonly node?: NodeVersion | undefined;
}

export function findLibraries(): Library[] {
  return readdirSync(fromRoot('fixtures'))
    .filter((name) => existsSync(fromRoot('fixtures', name, 'library.cjs')))
    .map((name) => {
      const manifest = JSON.parse(readFileSync(fromRoot('fixtures', name, 'package.json'), 'utf8')) as {
        server?: ServerName;
        subject?: string;
        dependencies: Record<string, string>;
      };
      const { server, subject = name } = manifest;
      const versions = Object.keys(manifest.dependencies).filter(
        (each) => each === subject || each.startsWith(`${subject}-`),
      );
      return { name, file: `fixtures/${name}/library.cjs`, server, versions };
    });
}

/** The newest has the library's own name; `redis-4.0` is older than `redis-5`. */
export function newestAndOldest({ versions }: Library): string[] {
  const [newest = '', ...older] = versions;
  const numberOf = (version: string): string => version.slice(version.lastIndexOf('-') + 1);
  const [oldest] = older.sort((a, b) => numberOf(a).localeCompare(numberOf(b), 'en', { numeric: true }));
  return oldest === undefined ? [newest] : [newest, oldest];
}

/** The command line of one of the programs in `fixtures/library`. */
export function libraryProgram(
  program: 'app.cjs' | 'app.mjs' | 'behaviour.cjs' | 'hostile.cjs',
  { library, version, node }: Omit<Subject, 'form'>,
  url?: string,
): RunAppOptions {
  const { server } = library;
  const variable = server === 'redis' ? 'REDIS_URL' : 'DATABASE_URL';
  const database = server === undefined ? {} : { [variable]: url ?? serverUrl(server) };
  return {
    entry: `fixtures/library/${program}`,
    args: [fromRoot(library.file), version],
    ...(node !== undefined && { node }),
    env: {
      ...database,
      // The tests of others run beside this one, and what is not answered in time is said to be lost.
      CANVASOPS_EXIT_TIMEOUT: '10000',
    },
  };
}

const proxies: Partial<Record<ServerName, ProxyKind>> = {
  postgres: 'postgres',
  mariadb: 'mysql',
  redis: 'redis',
};

interface Setting {
  readonly app: RunningApp;
  readonly receiver: OtlpReceiver;
  readonly proxy: StatementProxy | undefined;
}

async function withApp(subject: Subject, use: (setting: Setting) => Promise<void>): Promise<void> {
  const receiver = await startOtlpReceiver();
  const { server } = subject.library;
  const kind = server && proxies[server];
  const proxy = kind && (await startStatementProxy(kind, serverUrl(server)));
  const app = await runApp({
    ...libraryProgram(`app.${subject.form}`, subject, proxy?.url),
    otlp: receiver.url,
  });
  try {
    await use({ app, receiver, proxy });
    await app.stop();
    assert.equal(app.stderr().includes('[canvasops]'), false, app.stderr());
    for (const { body } of receiver.requests) assert.equal(body.includes('CANARY'), false, 'a value got out');
  } finally {
    await app.stop();
    await Promise.all([receiver.close(), proxy?.close()]);
  }
}

async function routesOf(app: RunningApp): Promise<[path: string, route: Route][]> {
  const answer = await app.get('/routes');
  return Object.entries(answer.json<Record<string, Route>>());
}

const isOurs = ({ kind, scope }: ReceivedSpan): boolean =>
  kind === 'client' && scope.name.startsWith('@canvasops/register/');

function describe({ name, status, attributes }: ReceivedSpan): string {
  return status.code === 'error' ? `${name} error=${String(attributes['error.type'])}` : name;
}

/** Every route makes the spans that it says, below its own request, and none of them says what was sent. */
export async function assertSpans(subject: Subject): Promise<void> {
  await withApp(subject, async ({ app, receiver, proxy }) => {
    const traces = new Map<string, string>();
    const routes = await routesOf(app);
    for (const [route] of routes) {
      const { traceId, headers } = callerTrace();
      traces.set(route, traceId);
      await app.get(`${route}?n=3&of=one`, headers);
    }
    await app.stop();
    for (const [route, { spans = [], each }] of routes) {
      const all = inTrace(receiver.spans(), traces.get(route) ?? '');
      const request = all.find(({ kind }) => kind === 'server');
      const made = all.filter(isOurs).sort((a, b) => (a.startNs < b.startNs ? -1 : 1));
      assert.deepEqual(made.map(describe), each === undefined ? spans : [each, each, each], route);
      for (const span of made) {
        assert.equal(span.parentSpanId, request?.spanId, `${route}: "${span.name}" is below its request`);
        assertFacts(span, proxy);
      }
    }
  });
}

/** What every span of a database says. */
function assertFacts({ name, attributes }: ReceivedSpan, proxy: StatementProxy | undefined): void {
  for (const key of [
    'db.system.name',
    'db.namespace',
    'db.operation.name',
    'db.query.text',
    'server.address',
  ])
    assert.equal(typeof attributes[key], 'string', `${key} of ${name}`);
  if (proxy !== undefined) assert.equal(attributes['server.port'], proxy.port, name);
}

/** Requests at once to one route: each one's trace holds exactly its own statements. */
export async function assertConcurrent(subject: Subject, requests: number): Promise<void> {
  await withApp(subject, async ({ app, receiver }) => {
    const many = (await routesOf(app)).filter(([, { each }]) => each !== undefined);
    assert.ok(many.length > 0, 'no route makes as many spans as it is told to');
    for (const [route, { each }] of many) {
      const asked = Array.from({ length: requests }, (_, index) => ({
        ...callerTrace(),
        count: 1 + (index % 4),
        index,
      }));
      await Promise.all(
        asked.map(({ headers, count, index }) => app.get(`${route}?n=${count}&of=${index}_`, headers)),
      );
      const total = asked.reduce((sum, { count }) => sum + count + 1, 0);
      await receiver.waitForSpans(total);
      for (const { traceId, count, index } of asked) {
        const made = inTrace(receiver.spans(), traceId).filter(isOurs);
        assert.deepEqual(
          made.map(({ name }) => name),
          Array.from({ length: count }, () => each),
          `request ${index}`,
        );
        for (const { attributes } of made)
          assert.ok(
            String(attributes['db.query.text']).includes(`${index}_`),
            `request ${index} has another's`,
          );
      }
    }
  });
}

/** A program that ends by itself prints the same with and without us. */
export async function assertSameOutput(
  subject: Omit<Subject, 'form'>,
  program: 'behaviour.cjs' | 'hostile.cjs',
): Promise<void> {
  const receiver = await startOtlpReceiver();
  const run = libraryProgram(program, subject);
  const [bare, traced] = await Promise.all([
    runToExit({ ...run, flag: 'none' }),
    runToExit({ ...run, otlp: receiver.url }),
  ]);
  await receiver.close();
  assert.equal(bare.code, 0, bare.stderr);
  const [expected, actual] = [bare, traced].map(({ stdout }) => stdout.trim().split('\n'));
  for (const [at, line] of (expected ?? []).entries()) assert.equal(actual?.[at], line);
  assert.deepEqual({ ...traced, stdout: '' }, { ...bare, stdout: '' });
  assert.ok(receiver.spans().length > 5 || bare.stdout === '', 'it was traced');
}
