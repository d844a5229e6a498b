import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstOf, forwardedParameter, splitHost } from '../../src/instrumentations/operations/proxy-headers';
import { splitTarget } from '../../src/instrumentations/operations/request-target';

const targets: [target: string, path: string, query: string][] = [
  ['/', '/', ''],
  ['/a/b?x=1&y=2', '/a/b', 'x=1&y=2'],
  ['/a?x=1#f', '/a', 'x=1'],
  ['/a#f?x=1', '/a', ''],
  ['/a?', '/a', ''],
  ['/a??x', '/a', '?x'],
  ['?x=1', '/', 'x=1'],
  ['', '/', ''],
  ['*', '*', ''],
  ['example.com:443', 'example.com:443', ''],
  ['http://example.com', '/', ''],
  ['http://example.com/a?x=1', '/a', 'x=1'],
  ['HTTPS://example.com/a', '/a', ''],
  ['http://example.com?x=/y', '/', 'x=/y'],
  ['http://example.com#/f', '/', ''],
  ['http://user:password@example.com/a', '/a', ''],
  ['//example.com/a', '//example.com/a', ''],
  ['/a?to=http://b/c', '/a', 'to=http://b/c'],
  ['a?to=http://b/c', 'a', 'to=http://b/c'],
];
for (const [target, path, query] of targets) {
  test(`${target || 'nothing'} asks for ${path}${query && `, with ${query}`}`, () => {
    assert.deepEqual(splitTarget(target), { path, query });
  });
}

const hosts: [host: string, address: string, port: number | undefined][] = [
  ['example.com', 'example.com', undefined],
  ['example.com:8080', 'example.com', 8080],
  ['192.0.2.1:80', '192.0.2.1', 80],
  ['[::1]', '::1', undefined],
  ['[::1]:80', '::1', 80],
  ['[2001:db8::1]:65535', '2001:db8::1', 65535],
  ['::1', '::1', undefined],
  ['example.com:', 'example.com', undefined],
  ['example.com:0', 'example.com', undefined],
  ['example.com:65536', 'example.com', undefined],
  ['example.com:0x50', 'example.com', undefined],
  ['example.com:8e1', 'example.com', undefined],
  ['example.com: 80', 'example.com', undefined],
  ['example.com:-1', 'example.com', undefined],
  ['[::1]80', '::1', undefined],
  ['[::1', '[::1', undefined],
  ['[]', '', undefined],
  [':80', '', 80],
  ['', '', undefined],
];
for (const [host, address, port] of hosts) {
  test(`host ${host || 'of no length'}`, () => {
    assert.deepEqual(splitHost(host), { address, port });
  });
}

const forwarded: [header: string, name: string, value: string | undefined][] = [
  ['for=192.0.2.43', 'for', '192.0.2.43'],
  ['for=192.0.2.43;proto=https;by=203.0.113.43', 'proto', 'https'],
  ['For="[2001:db8:cafe::17]:4711"', 'for', '[2001:db8:cafe::17]:4711'],
  ['for=192.0.2.43, for=198.51.100.17', 'for', '192.0.2.43'],
  [' proto=http ; HOST = example.com ', 'host', 'example.com'],
  ['for="a;host=evil, host=evil";host=good', 'host', 'good'],
  ['for=unknown', 'host', undefined],
  ['for=', 'for', ''],
  ['for="', 'for', '"'],
  ['=x;;,for', 'for', undefined],
  ['', 'for', undefined],
  [`for="${'x'.repeat(3000)}`, 'host', undefined],
];
for (const [header, name, value] of forwarded) {
  test(`Forwarded: ${header.slice(0, 60)}: ${name} is ${value}`, () => {
    assert.equal(forwardedParameter(header, name), value);
  });
}

test('a Forwarded header of 100 kB is not read to its end', () => {
  const started = performance.now();
  for (const c of [',', ';', '"', '=', 'for=x;']) {
    for (let i = 0; i < 100; i++) forwardedParameter(c.repeat(100_000), 'host');
  }
  assert.ok(performance.now() - started < 1000);
});

test('the first of a list', () => {
  assert.deepEqual(['a, b', ' a ', '', ',b'].map(firstOf), ['a', 'a', '', '']);
});
