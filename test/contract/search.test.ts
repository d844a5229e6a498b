/** What a span of Elasticsearch and OpenSearch says beside what the fixtures of both are tested for. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OtlpReceiver } from '../helpers/otlp-receiver';
import type { RunningApp } from '../helpers/run-app';
import type { ReceivedSpan } from '../helpers/span';
import { callerTrace } from '../helpers/traceparent';
import { inTrace } from '../helpers/tree';
import { findLibraries, newestOf, withApp } from './libraries';

/** The spans of the trace that a route made. */
type Ask = (route: string) => Promise<ReceivedSpan[]>;

const SYSTEMS = ['elasticsearch', 'opensearch'];

const isHttp = ({ kind, attributes }: ReceivedSpan): boolean =>
  kind === 'client' && attributes['db.system.name'] === undefined;

function asker(app: RunningApp, receiver: OtlpReceiver): Ask {
  return async (route) => {
    const { traceId, headers } = callerTrace();
    await app.get(route, headers);
    const spans = await receiver.waitForSpans((all) =>
      inTrace(all, traceId).some(({ kind }) => kind === 'server'),
    );
    return inTrace(spans, traceId);
  };
}

for (const library of findLibraries().filter(({ name }) => SYSTEMS.includes(name))) {
  const subject = { library, version: newestOf(library), form: 'cjs' as const };
  describe(library.name, () => {
    test('what the spans say', () =>
      withApp(subject, async ({ app, receiver }) => {
        const ask = asker(app, receiver);
        const named = async (route: string, name: string): Promise<ReceivedSpan['attributes']> => {
          const span = (await ask(route)).find((each) => each.name === name && !isHttp(each));
          assert.ok(span, `${route} has a span ${name}`);
          return span.attributes;
        };
        const get = await named('/documents', 'get people');
        const port = get['server.port'];
        assert.equal(typeof port, 'number');
        const { 'db.response.status_code': _status, ...facts } = get;
        assert.deepEqual(facts, {
          'db.system.name': library.name,
          'db.operation.name': 'get',
          'db.collection.name': 'people',
          'db.query.summary': 'get people',
          'db.operation.parameter.index': 'people',
          'db.operation.parameter.id': 'one',
          'http.request.method': 'GET',
          'server.address': '127.0.0.1',
          'server.port': port,
          'url.full': `http://127.0.0.1:${port}/people/_doc/one`,
        });
        const search = await named('/search', 'search users,people*');
        assert.equal(search['url.full'], `http://127.0.0.1:${port}/users%2Cpeople*/_search`);
        assert.equal(search['db.collection.name'], 'users,people*');
        const found = await named('/search', 'search users');
        assert.equal(found['db.query.text'], '{"query":{"match":{"name":"?"}}}');
        const bulk = await named('/bulk', 'bulk people');
        assert.equal(bulk['db.operation.batch.size'], 2);
        assert.equal(bulk['db.query.text'], undefined);
        const several = await named('/msearch', 'msearch');
        assert.equal(several['db.operation.batch.size'], 2);
        const conflict = await named('/not-found', 'search nowhere');
        assert.equal(conflict['db.response.status_code'], '404');
        assert.equal(conflict['error.type'], '404');
      }));

    test('each attempt is below the call, and what the client asks for itself is in no trace of the app', () =>
      withApp(subject, async ({ app, receiver }) => {
        const ask = asker(app, receiver);
        const retried = await ask('/retried');
        const [call] = retried.filter(({ name }) => name === 'search flaky');
        const attempts = retried.filter((span) => isHttp(span) && span.parentSpanId === call?.spanId);
        assert.deepEqual(
          attempts.map(({ attributes }) => attributes['http.response.status_code']),
          [503, 200],
        );
        const sniffing = await ask('/sniffing');
        assert.equal(sniffing.filter(isHttp).length, 2);
        await app.stop();
        const alone = receiver.spans().filter((span) => isHttp(span) && span.parentSpanId === '');
        const methods = alone.map(({ name }) => name).sort();
        assert.deepEqual([...new Set(methods)], ['GET', 'HEAD']);
        // The client of Elasticsearch would make spans of its own.
        const scopes = new Set(receiver.spans().map(({ scope }) => scope.name));
        assert.deepEqual(
          [...scopes].filter((name) => !name.startsWith('@canvasops/register/')),
          [],
        );
      }));
  });
}
