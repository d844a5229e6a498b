/**
 * What a request to Elasticsearch or OpenSearch is called, by its method and path, where the client does not say: the names of
 * the endpoints in their specifications (https://github.com/elastic/elasticsearch-specification,
 * https://github.com/opensearch-project/opensearch-api-specification), where the two of them agree on them.
 */

export interface Endpoint {
  /** `search`, `indices.create`; of an endpoint that is not listed here, the words of its path; '' where it has none. */
  readonly name: string;
  /** What stands in the path in the place of names in braces: `{index}`. */
  readonly parts: Readonly<Record<string, string>>;
}

type Methods = Readonly<Partial<Record<string, string>>>;

interface Listed {
  readonly name: string | Methods;
  /** What stands behind it. */
  readonly part?: string;
}

const INDEX: Methods = {
  GET: 'indices.get',
  PUT: 'indices.create',
  DELETE: 'indices.delete',
  HEAD: 'indices.exists',
};
const ROOT: Methods = { GET: 'info', HEAD: 'ping' };

/** By the path behind the index. */
const LISTED: ReadonlyMap<string, Listed> = new Map<string, Listed>([
  [
    '_doc',
    { name: { PUT: 'index', POST: 'index', GET: 'get', HEAD: 'exists', DELETE: 'delete' }, part: 'id' },
  ],
  ['_create', { name: 'create', part: 'id' }],
  ['_update', { name: 'update', part: 'id' }],
  ['_source', { name: { GET: 'get_source', HEAD: 'exists_source' }, part: 'id' }],
  ['_explain', { name: 'explain', part: 'id' }],
  ['_termvectors', { name: 'termvectors', part: 'id' }],
  ['_search', { name: 'search' }],
  ['_search/template', { name: 'search_template' }],
  ['_search/scroll', { name: { GET: 'scroll', POST: 'scroll', DELETE: 'clear_scroll' }, part: 'scroll_id' }],
  ['_search/point_in_time', { name: { POST: 'create_pit', DELETE: 'delete_pit', GET: 'get_all_pits' } }],
  ['_pit', { name: { POST: 'open_point_in_time', DELETE: 'close_point_in_time' } }],
  [
    '_async_search',
    {
      name: { POST: 'async_search.submit', GET: 'async_search.get', DELETE: 'async_search.delete' },
      part: 'id',
    },
  ],
  ['_msearch/template', { name: 'msearch_template' }],
  ['_eql/search', { name: 'eql.search' }],
  ['_query', { name: 'esql.query' }],
  ['_sql', { name: 'sql.query' }],
  ['_scripts', { name: { PUT: 'put_script', GET: 'get_script', DELETE: 'delete_script' }, part: 'id' }],
  ['_cache/clear', { name: 'indices.clear_cache' }],
  ['_validate/query', { name: 'indices.validate_query' }],
  [
    '_mapping',
    { name: { GET: 'indices.get_mapping', PUT: 'indices.put_mapping', POST: 'indices.put_mapping' } },
  ],
  ['_settings', { name: { GET: 'indices.get_settings', PUT: 'indices.put_settings' } }],
  ['_aliases', { name: { GET: 'indices.get_alias', POST: 'indices.update_aliases' } }],
  ['_alias', { name: { GET: 'indices.get_alias', HEAD: 'indices.exists_alias' }, part: 'name' }],
  ...[
    ...['bulk', 'count', 'delete_by_query', 'field_caps', 'knn_search', 'mget', 'msearch', 'mtermvectors'],
    ...['rank_eval', 'reindex', 'search_shards', 'update_by_query'],
  ].map((name) => [`_${name}`, { name }] as const),
  ...['analyze', 'close', 'flush', 'forcemerge', 'open', 'refresh', 'rollover', 'stats'].map(
    (name) => [`_${name}`, { name: `indices.${name}` }] as const,
  ),
]);

/** Whose second word is a word of the server's as well: `/_cat/indices`. */
const WITH_SECOND_WORD: ReadonlySet<string> = new Set(['_cat', '_cluster']);

/** In characters. A longer one is no word of the server's. */
const MAX_WORD = 32;

/**
 * Takes time that grows with the length of the path only. Never throws.
 * @param path with or without its first slash, and a query behind it
 */
export function endpointOf(method: string, path: string): Endpoint {
  const query = path.indexOf('?');
  const segments = (query < 0 ? path : path.slice(0, query)).split('/').filter((segment) => segment !== '');
  const [first, ...behind] = segments;
  if (first === undefined) return { name: ROOT[method] ?? '', parts: {} };
  if (first.startsWith('_') && first !== '_all') return apiOf(method, segments, {});
  const parts = { index: decoded(first) };
  return behind.length === 0 ? { name: INDEX[method] ?? '', parts } : apiOf(method, behind, parts);
}

function apiOf(method: string, segments: readonly string[], parts: Record<string, string>): Endpoint {
  const [first = '', second = ''] = segments;
  const longer = LISTED.get(`${first}/${second}`);
  const listed = longer ?? LISTED.get(first);
  const name = typeof listed?.name === 'object' ? listed.name[method] : listed?.name;
  if (listed === undefined || name === undefined) return { name: wordsOf(segments), parts };
  const behind = segments[longer === undefined ? 1 : 2];
  if (listed.part === undefined || behind === undefined) return { name, parts };
  return { name, parts: { ...parts, [listed.part]: decoded(behind) } };
}

/** `cat.indices`, `plugins.ml`: what is certain to be no value of the app's. */
function wordsOf(segments: readonly string[]): string {
  const words: string[] = [];
  for (const [at, segment] of segments.entries()) {
    const isSecond = at === 1 && WITH_SECOND_WORD.has(segments[0] ?? '');
    if ((!segment.startsWith('_') && !isSecond) || !isWord(segment)) break;
    words.push(segment.startsWith('_') ? segment.slice(1) : segment);
  }
  return words.join('.');
}

function isWord(segment: string): boolean {
  if (segment.length > MAX_WORD) return false;
  for (let i = 0; i < segment.length; i++) {
    const c = segment.charCodeAt(i);
    if (c !== 95 && (c < 97 || c > 122)) return false;
  }
  return true;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
