/** What a span and a traced request allocate is what is recorded, on the Node that runs the tests. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeVersion } from '../helpers/node-versions';
import { assertAsRecorded, differences } from './allocations';

test('a span, the calls of the API and a request allocate what they did', async () => {
  await assertAsRecorded(process.versions.node.split('.')[0] as NodeVersion);
});

test('a few bytes more or less are not told, and what is more is', () => {
  assert.deepEqual(differences({ span: 1040 }, { span: 1000 }), []);
  assert.deepEqual(differences({ span: 850 }, { span: 1000 }), []);
  assert.deepEqual(differences({ span: 1060 }, { span: 1000 }), ['span allocates 1060 bytes, 1000 before.']);
});

test('a saving is to be recorded, and so is a new figure', () => {
  assert.deepEqual(differences({ span: 700 }, { span: 1000 }), [
    'span allocates only 700 bytes, 1000 before.',
  ]);
  assert.deepEqual(differences({ span: 1, event: 2 }, { span: 1 }), [
    'event allocates 2 bytes, and nothing is recorded for it.',
  ]);
  assert.deepEqual(differences({}, { span: 1 }), ['span is recorded and was not measured.']);
  assert.deepEqual(differences({ span: 1 }, undefined), ['Nothing is recorded for this line of Node.']);
});
