/** Sentry beside ours, whichever comes first: nothing is there twice, and what Sentry delivers is no span. */
import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { assertUnaffected, type Case } from '../guards/unaffected';
import { installPackages } from '../helpers/npm-packages';
import { fromRoot } from '../helpers/paths';

const majors = ['7', '8', '9', '10'];

describe('@sentry/node', { concurrency: 1 }, () => {
  const paths: string[] = [];
  const sink = http.createServer((request, response) => {
    paths.push(`${request.url} ${request.headers.traceparent ?? ''}`);
    request.resume().once('end', () => response.end('{}'));
  });
  const modules: Record<string, string> = {};
  let dsn = '';
  before(async () => {
    await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
    sink.unref();
    dsn = `http://key@127.0.0.1:${(sink.address() as AddressInfo).port}/1`;
    for (const major of majors) {
      modules[major] = await installPackages(`sentry-${major}`, [`@sentry/node@${major}`]);
    }
  });
  after(() => sink.close());

  /** Runs it, and sees that both runs, bare and traced, have delivered, without a header of ours. */
  async function besideSentry(major: string, given: Omit<Case, 'env'>, env: Case['env'] = {}): Promise<void> {
    paths.length = 0;
    const all = { MODULES: modules[major] ?? '', SENTRY_DSN: dsn, ...env };
    const { spans } = await assertUnaffected({ ...given, env: all });
    for (const { scope } of spans) assert.match(scope.name, /^@canvasops\/register\//);
    assert.ok(paths.length >= 2, `${paths.length} deliveries`);
    for (const path of paths) assert.match(path, /^\/api\/1\/envelope\/\?sentry_\S+ $/);
  }

  const repeated = /^\[canvasops\] @\S*sentry\S* is here too; spans that it would repeat are left out/;
  for (const major of majors) {
    for (const tracing of ['off', 'on']) {
      for (const [flag, file] of [
        ['--require', 'fixtures/guards/sentry.cjs'],
        ['--import', 'fixtures/guards/sentry.mjs'],
      ] as const) {
        it(`${major} after ours, tracing ${tracing}, ${flag}`, async () => {
          // Whether it makes spans with tracing off, for its breadcrumbs, depends on its version and Node's.
          const isTold = major !== '7' && tracing === 'on';
          const env = { TRACING: tracing, ...(isTold ? {} : { CANVASOPS_LOG_LEVEL: 'error' }) };
          const after = [flag, fromRoot(file)];
          await besideSentry(major, { by: flag, after, ...(isTold && { says: repeated }) }, env);
        });
      }
    }
  }

  it('10 before ours: we step aside', async () => {
    const first = ['--require', fromRoot('fixtures/guards/sentry.cjs')];
    const says = /^\[canvasops\] not tracing: another OpenTelemetry provider is registered already/;
    await besideSentry('10', { by: '--require', before: first, says, spans: 'none' }, { TRACING: 'on' });
  });

  it('the light SDK of 10, which has no OpenTelemetry, in both orders', async () => {
    const file = ['--require', fromRoot('fixtures/guards/sentry.cjs')];
    const env = { SENTRY: '@sentry/node-core/light' };
    await besideSentry('10', { by: '--require', before: file }, env);
    await besideSentry('10', { by: '--require', after: file }, env);
  });
});
