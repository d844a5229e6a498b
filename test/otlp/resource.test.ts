/** What transports keep of a resource whose attributes change while the process runs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EncodedResource } from '../../src/otlp/resource';
import type { Resource } from '../../src/tracing/types';

test('it is encoded once, and once more after a change, with the attributes of the destination', () => {
  let attributes: Resource['attributes'] = { 'service.name': 'shop', region: 'unknown' };
  const resource: Resource = {
    get attributes() {
      return attributes;
    },
  };
  const encoded: Resource['attributes'][] = [];
  const kept = new EncodedResource(resource, { project: 'p' }, ({ attributes: all }) => encoded.push(all));
  assert.equal(encoded.length, 0, 'not before somebody asks');
  assert.equal(kept.current, 1);
  assert.equal(kept.current, 1);
  attributes = { ...attributes, region: 'eu' };
  assert.equal(kept.current, 2);
  assert.deepEqual(encoded, [
    { 'service.name': 'shop', region: 'unknown', project: 'p' },
    { 'service.name': 'shop', region: 'eu', project: 'p' },
  ]);
});
