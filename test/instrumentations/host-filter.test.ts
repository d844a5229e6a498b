/** Which hosts are told of our trace. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHostFilter } from '../../src/instrumentations/operations/host-filter';

test('without a list it is every host, with an empty one it is none', () => {
  assert.equal(createHostFilter(undefined)('example.com', 443), true);
  assert.equal(createHostFilter([])('example.com', 443), false);
});

test('globs match the whole host, without regard to case', () => {
  const filter = createHostFilter(['*.Example.com', '10.0.*', 'localhost']);
  assert.equal(filter('API.example.com', 443), true);
  assert.equal(filter('a.b.example.com', undefined), true);
  assert.equal(filter('example.com', 443), false);
  assert.equal(filter('example.com.attacker.net', 443), false);
  assert.equal(filter('10.0.3.4', 80), true);
  assert.equal(filter('localhost', 3000), true);
  assert.equal(filter('localhost.attacker.net', 3000), false);
});

test('a port is compared where there is one', () => {
  const filter = createHostFilter(['example.com:8080', '[::1]:*', 'fe80::1']);
  assert.equal(filter('example.com', 8080), true);
  assert.equal(filter('example.com', 443), false);
  assert.equal(filter('::1', 3000), true);
  assert.equal(filter('fe80::1', 80), true);
  assert.equal(filter('fe80::2', 80), false);
});
