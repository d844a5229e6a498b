import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPathFilter, matchesGlob } from '../../src/instrumentations/operations/ignore-paths';

const globs: [glob: string, path: string, expected: boolean][] = [
  ['/health', '/health', true],
  ['/health', '/healthz', false],
  ['/health', '/health/', false],
  ['/health', '/Health', false],
  ['/health*', '/health', true],
  ['/health*', '/healthz', true],
  ['/health*', '/health/live', false],
  ['/health/*', '/health/live', true],
  ['/health/*', '/health/live/now', false],
  ['/api/*/ping', '/api/v1/ping', true],
  ['/api/*/ping', '/api/v1/v2/ping', false],
  ['/api/**', '/api/', true],
  ['/api/**', '/api/a/b/c', true],
  ['/api/**', '/api', false],
  ['/api**', '/api', true],
  ['/**/ping', '/a/b/ping', true],
  ['/**/ping', '/ping', true],
  ['/a/**/b', '/a/b', true],
  ['/a/**/b', '/a/x/b', true],
  ['/a/**/b', '/ab', false],
  ['**/ping', '/a/ping', true],
  ['**/ping', '/a/ping/b', false],
  ['**', '/', true],
  ['**', '', true],
  ['*', '/', false],
  ['*', '', true],
  ['/*', '/', true],
  ['/*.js', '/app.min.js', true],
  ['/*.js', '/app.js.map', false],
  ['/*a*b*c', '/xaybzc', true],
  ['/*a*b*c', '/xaybz', false],
  ['/**/a*/**/b', '/x/y/a1/z/b', true],
  ['/**/a*/**/b', '/x/a1/b1', false],
  ['/**.map', '/x/y.map', true],
  ['/***', '/a/b', true],
  ['/a/**/*.png', '/a/b/c.png', true],
  ['/a/**/*.png', '/a/b.png/c', false],
  ['/*/x*y/z', '/a/x1y/z', true],
  ['', '', true],
  ['', '/', false],
  // what means something elsewhere is an ordinary character here
  ['/a?c', '/abc', false],
  ['/[ab]', '/a', false],
  ['/a.b', '/axb', false],
  ['/(a|b)+', '/(a|b)+', true],
];
for (const [glob, path, expected] of globs) {
  test(`${glob || 'nothing'} ${expected ? 'matches' : 'does not match'} ${path || 'nothing'}`, () => {
    assert.equal(matchesGlob(path, glob), expected);
  });
}

test('the path counts, not the query, the fragment or the host', () => {
  const isIgnored = createPathFilter(['/health', '/static/**']);
  for (const url of [
    '/health',
    '/health?full=1',
    '/health#x',
    'http://host:80/health?x',
    '/static/a/b.js?v=/x',
  ]) {
    assert.equal(isIgnored(url), true, url);
  }
  for (const url of ['/x?path=/health', '/healthy', '', '*', 'host:443', 'http://health']) {
    assert.equal(isIgnored(url), false, url);
  }
  assert.equal(createPathFilter([])('/health'), false);
});

test('a hostile path against hostile globs is over at once', () => {
  const started = performance.now();
  for (const glob of [`/${'*a'.repeat(50)}`, `/${'**a'.repeat(50)}`, `/${'**/*a'.repeat(20)}b`]) {
    assert.equal(matchesGlob(`/${'a/'.repeat(4000)}`, `${glob}!`), false);
    assert.equal(matchesGlob(`/${'a'.repeat(8000)}`, `${glob}!`), false);
  }
  assert.ok(performance.now() - started < 1000, `${performance.now() - started} ms`);
});
