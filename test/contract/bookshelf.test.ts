/** knex 2 and 3, and bookshelf above it: statements are under the request that runs them, transactions hold their own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverUrl, skipWithout } from '../helpers/needs';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { runApp } from '../helpers/run-app';
import type { ReceivedSpan } from '../helpers/span';
import { type ProxyKind, startStatementProxy } from '../helpers/statement-proxy';
import { callerTrace } from '../helpers/traceparent';
import { inTrace } from '../helpers/tree';

const databases = {
  pg: { server: 'postgres', proxy: 'postgres' },
  mysql2: { server: 'mariadb', proxy: 'mysql' },
} as const satisfies Record<string, { server: 'postgres' | 'mariadb'; proxy: ProxyKind }>;

interface Burst {
  version: 2 | 3;
  client: keyof typeof databases;
  form: 'cjs' | 'mjs';
  pool: number;
  requests: number;
}

/** `r7_s1` of `select text as r7_s1 from notes`. */
const labelIn = (text: string): string | undefined => /\br\d+_s\d+\b/.exec(text)?.[0];
const labelOf = ({ attributes }: ReceivedSpan): string | undefined =>
  labelIn(String(attributes['db.query.text'] ?? ''));

const isModel = ({ attributes }: ReceivedSpan): boolean => 'canvasops.model.name' in attributes;

/** All requests at once, on each way in turn; each with another number of statements. */
async function assertOwnStatements({ version, client, form, pool, requests }: Burst): Promise<void> {
  const { server, proxy: kind } = databases[client];
  const receiver = await startOtlpReceiver();
  const proxy = await startStatementProxy(kind, serverUrl(server));
  const env = { DATABASE_URL: proxy.url, CLIENT: client, POOL: String(pool) };
  const entry = `fixtures/bookshelf/knex-${version}/app.${form}`;
  const app = await runApp({ entry, otlp: receiver.url, env });
  try {
    const asked: { way: string; traceId: string; labels: string[] }[] = [];
    for (const way of (await app.get('/ways')).json<string[]>()) {
      const burst = Array.from({ length: requests }, async (_, index) => {
        const { traceId, headers } = callerTrace();
        const request = asked.length;
        const count = 1 + (index % 5);
        const labels = Array.from({ length: count }, (_, step) => `r${request}_s${step}`);
        asked.push({ way, traceId, labels });
        const answer = await app.get(`/${way}?r=${request}&n=${count}`, headers);
        assert.equal(answer.status, 200, `${way}: ${answer.text}`);
      });
      await Promise.all(burst);
    }
    await app.get('/end');
    await app.stop();
    const onTheWire = proxy.statements().flatMap(({ text }) => labelIn(text) ?? []);
    const all = asked.flatMap(({ labels }) => labels);
    assert.deepEqual(onTheWire.sort(), all.sort());
    for (const { way, traceId, labels } of asked) {
      const spans = inTrace(receiver.spans(), traceId);
      const statements = spans.filter((span) => labelOf(span) !== undefined);
      assert.deepEqual(statements.map(labelOf).sort(), [...labels].sort(), way);
      const transactions = spans.filter(({ name }) => name === 'transaction');
      assert.equal(transactions.length, way.startsWith('transaction') ? 1 : 0, way);
      const request = spans.find(({ kind }) => kind === 'server');
      // A query builder's span begins before it is known on which connection, so it is beside the transaction.
      for (const span of statements) {
        const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
        const isBuilt = parent !== undefined && isModel(parent);
        const expected = isBuilt ? request : (transactions[0] ?? request);
        assert.equal((isBuilt ? parent : span).parentSpanId, expected?.spanId, `${way}: ${span.name}`);
      }
      const [transaction] = transactions;
      if (transaction === undefined) continue;
      const outcome = way === 'transaction-rolled-back' ? 'rolled_back' : 'committed';
      assert.equal(transaction.attributes['canvasops.transaction.outcome'], outcome, way);
      assert.equal(transaction.attributes['canvasops.transaction.statements'], labels.length, way);
    }
    assert.doesNotMatch(app.stderr(), /canvasops/);
  } finally {
    await app.stop();
    await Promise.all([receiver.close(), proxy.close()]);
  }
}

for (const version of [2, 3] as const) {
  for (const client of ['pg', 'mysql2'] as const) {
    for (const pool of [1, 10]) {
      // Each way of loading knex with each size of the pool on one of the databases.
      const form = (pool === 1) === (client === 'pg') ? 'cjs' : 'mjs';
      for (const requests of [5, 50]) {
        const title = `knex ${version} on ${client}, ${form}, pool of ${pool}: ${requests} requests at once`;
        test(title, { skip: skipWithout(databases[client].server) }, () =>
          assertOwnStatements({ version, client, form, pool, requests }),
        );
      }
    }
  }
}
