import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointOf } from '../../src/instrumentations/operations/search-endpoint';

const CASES: readonly (readonly [request: string, name: string, parts?: Record<string, string>])[] = [
  ['GET /', 'info'],
  ['HEAD /', 'ping'],
  ['PUT /users', 'indices.create', { index: 'users' }],
  ['DELETE /users', 'indices.delete', { index: 'users' }],
  ['POST /users/_search', 'search', { index: 'users' }],
  ['GET /users%2Cpeople*/_search?q=name:x', 'search', { index: 'users,people*' }],
  ['POST /_all/_search', 'search', { index: '_all' }],
  ['POST _search', 'search'],
  ['POST /_search/scroll', 'scroll'],
  ['DELETE /_search/scroll/abc', 'clear_scroll', { scroll_id: 'abc' }],
  ['POST /users/_search/template', 'search_template', { index: 'users' }],
  ['PUT /users/_doc/a%2Fb', 'index', { index: 'users', id: 'a/b' }],
  ['POST /users/_doc', 'index', { index: 'users' }],
  ['GET /users/_doc/1', 'get', { index: 'users', id: '1' }],
  ['HEAD /users/_doc/1', 'exists', { index: 'users', id: '1' }],
  ['DELETE /users/_doc/%', 'delete', { index: 'users', id: '%' }],
  ['POST /users/_update/1', 'update', { index: 'users', id: '1' }],
  ['POST /_bulk', 'bulk'],
  ['PUT /users/_bulk', 'bulk', { index: 'users' }],
  ['GET /users/_count', 'count', { index: 'users' }],
  ['POST /users/_refresh', 'indices.refresh', { index: 'users' }],
  ['GET /_cat/indices', 'cat.indices'],
  ['GET /_cluster/health/users', 'cluster.health'],
  ['GET /_nodes/secret/http', 'nodes'],
  ['POST /_plugins/_ml/models/secret', 'plugins.ml'],
  ['PATCH /users', '', { index: 'users' }],
  ['PATCH /users/_doc/1', 'doc', { index: 'users' }],
  ['GET /_Secret1/x', ''],
];

for (const [request, name, parts = {}] of CASES) {
  test(request, () => {
    const [method = '', path = ''] = request.split(' ');
    assert.deepEqual(endpointOf(method, path), { name, parts });
  });
}
