/** Paths of express as text: joined as written, and the one of several that a request matched. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCatchAll, joinPaths, pathText } from '../../src/instrumentations/operations/route-path';

test('mount paths and route paths join without doubled or dangling slashes', () => {
  assert.equal(joinPaths('', '/'), '/');
  assert.equal(joinPaths('', ''), '/');
  assert.equal(joinPaths('', '/items'), '/items');
  assert.equal(joinPaths('/api', '/items'), '/api/items');
  assert.equal(joinPaths('/api/', '/items'), '/api/items');
  assert.equal(joinPaths('/api', '/'), '/api');
  assert.equal(joinPaths('/api', ''), '/api');
  assert.equal(joinPaths('/api', '{*rest}'), '/api{*rest}');
  assert.equal(joinPaths('', '*'), '*');
});

test('a path is what the app wrote', () => {
  assert.equal(pathText('/users/:id', '/users/1'), '/users/:id');
  assert.equal(pathText(/^\/a(\d+)$/i, '/a1'), '/^\\/a(\\d+)$/i');
  for (const path of [undefined, null, 7, {}]) assert.equal(pathText(path, '/'), '');
});

test('of several paths it is the one that matched', () => {
  const paths = ['/a', '/b/:id', ['/c', ['/d-e.f']]];
  assert.equal(pathText(paths, '/a'), '/a');
  assert.equal(pathText(paths, '/A/'), '/a');
  assert.equal(pathText(paths, '/b/1'), '/b/:id');
  assert.equal(pathText(paths, '/d-e.f'), '/d-e.f');
  assert.equal(pathText(['/:a/:b', '/:a'], '/x'), '/:a');
});

test('where that cannot be told without asking again, it is all that it may be', () => {
  assert.equal(pathText(['/a', /^\/b/], '/bc'), '/^\\/b/');
  assert.equal(pathText(['/a', '/b/*'], '/b/c'), '/b/*');
  assert.equal(pathText(['/a', '/b/*', '/:x?'], '/b/c'), '/b/*,/:x?');
  assert.equal(pathText(['/a', '/b'], 'http://host/a'), '/a,/b');
});

test("the app's expressions are not run a second time", () => {
  const counted = /^\/b/g;
  pathText([counted, '/a'], '/b');
  assert.equal(counted.lastIndex, 0);
});

test('a mount that takes everything is told from one that takes a part', () => {
  for (const path of ['*', '/*', '/*rest', '{*rest}', '/{*rest}', '{/*rest}'])
    assert.equal(isCatchAll(path), true, path);
  for (const path of ['/', '', '/api', '/api/*', '/:id', '/*rest/x'])
    assert.equal(isCatchAll(path), false, path);
});
