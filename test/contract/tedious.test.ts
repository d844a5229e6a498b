/**
 * What is special about SQL Server. The real driver talks to the small server of the fixture, since no SQL Server runs on the
 * machines of the tests.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ReceivedSpan } from '../helpers/span';
import { callerTrace } from '../helpers/traceparent';
import { inTrace } from '../helpers/tree';
import { findLibraries, newestOf, nodeFor, withApp } from './libraries';

const library = findLibraries().find(({ name }) => name === 'tedious');

describe('tedious', { skip: library === undefined && '--library names others' }, () => {
  async function spansOf(routes: string[], env?: Record<string, string>): Promise<ReceivedSpan[][]> {
    assert.ok(library);
    const version = newestOf(library);
    const seen: ReceivedSpan[][] = [];
    await withApp(
      { library, version, form: 'cjs', node: nodeFor(library, version) },
      async ({ app, receiver }) => {
        const traces = routes.map(() => callerTrace());
        for (const [at, route] of routes.entries()) await app.get(route, traces[at]?.headers);
        await app.stop();
        const all = receiver.spans();
        seen.push(...traces.map(({ traceId }) => inTrace(all, traceId)));
        const belonging = new Set(seen.flat());
        seen.push(all.filter((span) => !belonging.has(span)));
      },
      env,
    );
    return seen.map((spans) => spans.filter(({ kind }) => kind !== 'server'));
  }

  test('procedures, databases, error numbers, and what the pool asks', async () => {
    const [procedure = [], use = [], refused = [], pooled = [], others = []] = await spansOf([
      '/procedure',
      '/use',
      '/no-table',
      '/mssql',
    ]);
    const called = procedure.find(({ name }) => name === 'EXEC dbo.get_person')?.attributes;
    assert.equal(called?.['db.stored_procedure.name'], 'dbo.get_person');
    assert.equal(called?.['db.system.name'], 'microsoft.sql_server');
    assert.equal(called?.['db.namespace'], 'shop');
    assert.equal(called?.['server.address'], '127.0.0.1');
    assert.equal(typeof called?.['server.port'], 'number');
    assert.deepEqual(
      use.filter(({ kind }) => kind === 'client').map(({ attributes }) => attributes['db.namespace']),
      ['shop', 'other'],
    );
    const [failure] = refused.filter(({ kind }) => kind === 'client');
    assert.equal(failure?.attributes['db.response.status_code'], '208');
    assert.equal(failure?.status.message, "Invalid object name 'nowhere'.");
    assert.equal(pooled.filter(({ kind }) => kind === 'client').length, 3);
    assert.deepEqual(others, [], 'the pool asks `SELECT 1;` of each connection');
  });

  test('a request that could not connect has a span for it', async () => {
    const [spans = []] = await spansOf(['/refused']);
    assert.deepEqual(
      spans.map(({ name, attributes }) => [name, attributes['error.type']]),
      [['connect', 'ELOGIN']],
    );
  });

  test('the values of a prepared statement, for those who ask for them', async () => {
    const [spans = []] = await spansOf(['/prepared'], { CANVASOPS_DB_PARAMETERS: 'true' });
    assert.deepEqual(
      spans
        .filter(({ kind }) => kind === 'client')
        .map(({ attributes }) => attributes['db.query.parameter.id']),
      ['2', '3'],
    );
  });
});
