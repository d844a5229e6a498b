/** The spans of databases: what the routes of a library's fixture say of them is what arrives. */
import assert from 'node:assert/strict';
import type { RunningApp } from '../helpers/run-app';
import { isTransaction, type ReceivedSpan } from '../helpers/span';
import type { Statement, StatementProxy } from '../helpers/statement-proxy';
import { callerTrace } from '../helpers/traceparent';
import { inTrace } from '../helpers/tree';
import { type Subject, withApp } from './libraries';
import { recordResult } from './library-results';
import { assertCommands, assertOnTheWire } from './library-wire';

/** What a route of `library.cjs` says of itself. */
interface Route {
  /**
   * Names of its spans in order, with ` error=TYPE` where they failed, and ` nowhere` where that was before one of several
   * servers was chosen; of transactions with how they ended: `transaction committed`. `> ` before a name: below the span of
   * a model.
   */
  readonly spans?: readonly string[];
  /** The name of each of its spans, of which there are as many as `?n=` says. */
  readonly each?: string;
}

async function routesOf(app: RunningApp): Promise<[path: string, route: Route][]> {
  const answer = await app.get('/routes');
  return Object.entries(answer.json<Record<string, Route>>());
}

const isFromLibrary = ({ scope }: ReceivedSpan): boolean => scope.name.startsWith('@canvasops/register/');

const isHttp = ({ scope }: ReceivedSpan): boolean => /\/(?:http-client|undici)$/.test(scope.name);

const isStatement = (span: ReceivedSpan): boolean =>
  span.kind === 'client' && isFromLibrary(span) && !isHttp(span);

/** The span of a model's operation, above its statements. */
const isModel = (span: ReceivedSpan): boolean =>
  isFromLibrary(span) && 'canvasops.model.name' in span.attributes;

function describe(span: ReceivedSpan, hasServer: boolean): string {
  const { name, status, attributes } = span;
  const outcome = attributes['canvasops.transaction.outcome'];
  if (outcome !== undefined) return `${name} ${String(outcome)}`;
  if (status.code !== 'error') return name;
  const isNowhere = hasServer && isStatement(span) && attributes['server.address'] === undefined;
  return `${name} error=${String(attributes['error.type'])}${isNowhere ? ' nowhere' : ''}`;
}

/** Every route makes the spans that it says, below its own request, and none of them says what was sent. */
export async function assertSpans(subject: Subject): Promise<void> {
  // What an ORM sends on a new connection is traced only if this is asked for.
  const env = { CANVASOPS_REQUIRE_PARENT: subject.library.kind === 'model' ? 'none' : '' };
  await withApp(
    subject,
    async ({ app, receiver, proxy }) => {
      const traces = new Map<string, string>();
      const sent = new Map<string, Statement[]>();
      const take = (during: string): void => {
        sent.set(during, proxy?.statements() ?? []);
        proxy?.clear();
      };
      const routes = await routesOf(app);
      take('the start');
      for (const [route] of routes) {
        const { traceId, headers } = callerTrace();
        traces.set(route, traceId);
        await app.get(`${route}?n=3&of=one`, headers);
        take(route);
      }
      await app.stop();
      take('the end');
      const traced = routes.map(([route, says]): Traced => {
        const all = inTrace(receiver.spans(), traces.get(route) ?? '');
        const made = all
          .filter((span) => isStatement(span) || isTransaction(span) || isModel(span))
          .sort((a, b) => (a.startNs === b.startNs ? 0 : a.startNs < b.startNs ? -1 : 1));
        return { route, says, all, made, sent: sent.get(route) ?? [] };
      });
      recordSpans(subject, traced);
      for (const each of traced) assertRoute(subject, each, proxy);
      for (const key of subject.library.partly)
        assert.ok(
          receiver.spans().some((span) => isStatement(span) && key in span.attributes),
          `some spans have ${key}`,
        );
      // Those that a driver sends together are one span, which the tests of the drivers know of.
      if (subject.library.kind === 'model' && subject.library.server === 'postgres')
        assertOnTheWire([...sent.values()].flat(), receiver.spans().filter(isStatement));
    },
    env,
  );
}

/** What came of one request to a route. */
interface Traced {
  readonly route: string;
  readonly says: Route;
  readonly all: readonly ReceivedSpan[];
  /** Of the library, in the order in which they began. */
  readonly made: readonly ReceivedSpan[];
  readonly sent: readonly Statement[];
}

/** Before anything is asserted, so that a version that fails is told with what was seen of it. */
function recordSpans(subject: Subject, traced: readonly Traced[]): void {
  let [seen, expected] = [0, 0];
  for (const { says, made } of traced) {
    seen += says.each === undefined ? made.length : made.filter(isStatement).length;
    expected += says.each === undefined ? (says.spans ?? []).length : 3;
  }
  recordResult(subject, seen, expected);
}

function assertRoute(
  subject: Subject,
  { route, says: { spans = [], each }, all, made, sent }: Traced,
  proxy: StatementProxy | undefined,
): void {
  const { hasServer, server } = subject.library;
  const statements = made.filter(isStatement);
  const request = all.find(({ kind }) => kind === 'server');
  const above = new Set([request, ...made.filter(isTransaction)].map((span) => span?.spanId));
  const models = new Set(made.filter(isModel).map(({ spanId }) => spanId));
  const draw = (span: ReceivedSpan): string =>
    `${models.has(span.parentSpanId) ? '> ' : ''}${describe(span, hasServer)}`;
  if (each === undefined) assert.deepEqual(made.map(draw), spans, route);
  else
    assert.deepEqual(
      statements.map((span) => describe(span, hasServer)),
      [each, each, each],
      route,
    );
  for (const span of made) {
    assert.ok(
      above.has(span.parentSpanId) || models.has(span.parentSpanId),
      `${route}: "${span.name}" is below its request`,
    );
    if (isStatement(span)) assertFacts(span, subject, proxy);
  }
  // A client that asks over HTTP does so for one of its statements.
  const ids = new Set(statements.map(({ spanId }) => spanId));
  for (const span of all.filter(isHttp))
    assert.ok(ids.has(span.parentSpanId), `${route}: "${span.name}" is below a statement`);
  if (server !== 'mongodb') return;
  assertCommands(statements, sent, proxy?.port, route);
  for (const { args = [] } of each === undefined ? [] : sent)
    assert.ok(args.includes('of_one'), `${route}: the proxy reads what was sent`);
}

/** What every span of a database says. One that is no server has no address. */
function assertFacts(
  { name, status, attributes }: ReceivedSpan,
  { library: { server, hasServer, lacks, partly } }: Subject,
  proxy: StatementProxy | undefined,
): void {
  for (const key of ['db.system.name', 'db.namespace', 'db.operation.name', 'db.query.text']) {
    if (partly.includes(key) && attributes[key] === undefined) continue;
    assert.equal(typeof attributes[key], lacks.includes(key) ? 'undefined' : 'string', `${key} of ${name}`);
  }
  // Of one that failed, its description says where.
  if (status.code !== 'error')
    assert.equal(typeof attributes['server.address'], hasServer ? 'string' : 'undefined', name);
  // Some programs for MongoDB ask servers of their own as well.
  if (proxy !== undefined && server !== 'mongodb' && attributes['server.address'] !== undefined)
    assert.equal(attributes['server.port'], proxy.port, name);
}

/** Requests at once to one route: each one's trace holds exactly its own statements. */
export async function assertConcurrent(subject: Subject, bursts: readonly number[]): Promise<void> {
  await withApp(subject, async ({ app, receiver }) => {
    const many = (await routesOf(app)).filter(([, { each }]) => each !== undefined);
    assert.ok(many.length > 0, 'no route makes as many spans as it is told to');
    const runs = bursts.flatMap((requests) => many.map(([route, { each }]) => ({ requests, route, each })));
    for (const { requests, route, each } of runs) {
      const asked = Array.from({ length: requests }, (_, index) => ({
        ...callerTrace(),
        count: 1 + (index % 4),
        index,
      }));
      await Promise.all(
        asked.map(({ headers, count, index }) => app.get(`${route}?n=${count}&of=${index}_`, headers)),
      );
      const total = asked.reduce((sum, { count }) => sum + count + 1, 0);
      const traces = new Set(asked.map(({ traceId }) => traceId));
      await receiver.waitForSpans(
        (spans) =>
          spans.filter((span) => traces.has(span.traceId) && (isStatement(span) || span.kind === 'server'))
            .length >= total,
      );
      for (const { traceId, count, index } of asked) {
        const made = inTrace(receiver.spans(), traceId).filter(isStatement);
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
