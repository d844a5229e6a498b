/** The official instrumentation as an oracle: for the same traffic, our spans say at least what its spans say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverUrl, skipWithout } from '../helpers/needs';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { fromRoot } from '../helpers/paths';
import { runApp } from '../helpers/run-app';
import type { ReceivedSpan } from '../helpers/span';
import { startStatementProxy } from '../helpers/statement-proxy';
import { startUpstream } from '../helpers/upstream';
import { comparable, isQuery } from './pg-harness';

const skip = skipWithout('postgres');

/** Of the official instrumentation; the time they show is the gap before our spans. */
const connecting = ['pg.connect', 'pg-pool.connect'];

test('says what the official instrumentation says', { skip }, async () => {
  const paths = [
    '/users/1',
    '/named',
    '/literal',
    '/several-statements',
    '/batch',
    '/own-client',
    '/connect-callback',
  ];
  const [official, receiver, upstream] = await Promise.all([
    startOtlpReceiver(),
    startOtlpReceiver(),
    startUpstream(),
  ]);
  const proxy = await startStatementProxy('postgres', serverUrl('postgres'));
  const run = { entry: 'fixtures/express-pg/app.cjs' };
  const env = { DATABASE_URL: proxy.url, UPSTREAM_URL: upstream.url };
  const apps = await Promise.all([
    runApp({ ...run, otlp: receiver.url, env }),
    runApp({
      ...run,
      flag: 'none',
      nodeArgs: ['--require', fromRoot('fixtures/official-otlp/pg.cjs')],
      env: { ...env, OFFICIAL_URL: `${official.url}/v1/traces` },
    }),
  ]);
  for (const path of paths) for (const app of apps) await app.get(path);
  const texts = (spans: ReceivedSpan[]): string[] =>
    spans.map(({ attributes }) => comparable(attributes['db.query.text'])).sort();
  const isOfficialQuery = ({ name }: ReceivedSpan): boolean => !connecting.includes(name);
  const half = proxy.statements().length / 2;
  const theirs = (
    await official.waitForSpans((spans) => spans.filter(isOfficialQuery).length >= half)
  ).filter(isOfficialQuery);
  const ours = (await receiver.waitForSpans((spans) => spans.filter(isQuery).length >= half)).filter(isQuery);
  assert.deepEqual(texts(ours), texts(theirs));
  for (const span of theirs) {
    const twin = ours.find(
      ({ attributes, status }) =>
        comparable(attributes['db.query.text']) === comparable(span.attributes['db.query.text']) &&
        status.code === span.status.code &&
        attributes['db.postgresql.plan'] === span.attributes['db.postgresql.plan'],
    );
    assert.ok(twin, `no span of ours is like "${span.name}"`);
    assert.equal(twin.kind, span.kind);
    assert.equal(twin.events.length, span.events.length);
    for (const [key, value] of Object.entries(span.attributes)) {
      // Theirs has the literals in it.
      if (key === 'db.query.text') continue;
      assert.deepEqual(twin.attributes[key], value, key);
    }
  }
  await Promise.all(apps.map((app) => app.stop()));
  await Promise.all([official, receiver, upstream, proxy].map((each) => each.close()));
});
