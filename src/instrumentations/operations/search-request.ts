/** What is read of the requests and answers of Elasticsearch and OpenSearch, without calling anything of the app's. */
import { types } from 'node:util';
import { safeGet } from '../../tracing/attributes';
import { type Endpoint, endpointOf } from './search-endpoint';

/** Of actions in a bulk, the one without a document behind it. */
const DELETE = 'delete';

/**
 * The endpoint that is asked. Clients of Elasticsearch name it since 8.14, with the parts of its path
 * (`meta` in lib/api/api/search.js).
 * @param params what the client's `Transport#request` was given
 */
export function partsOf(params: unknown): Endpoint {
  const meta = fieldOf(params, 'meta');
  const name = fieldOf(meta, 'name');
  if (typeof name !== 'string') return endpointOf(textOf(params, 'method'), textOf(params, 'path'));
  const parts: Record<string, string> = {};
  const named = fieldOf(meta, 'pathParts');
  for (const part of isReadable(named) ? Object.keys(named) : []) {
    const value = partText(fieldOf(named, part));
    if (value !== '') parts[part] = value;
  }
  return { name, parts };
}

/** The client joins lists by commas, as `toString` of a list does. */
function partText(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (types.isProxy(value) || !Array.isArray(value)) return '';
  return value.filter((each) => typeof each === 'string').join(',');
}

/**
 * How many actions a bulk has, or how many searches a request has; undefined where it has none, or only a parser could tell.
 * @param body a list with a line each of what is sent: documents, or their JSON
 */
export function batchSizeOf(operation: string, body: unknown): number | undefined {
  if ((operation !== 'bulk' && operation !== 'msearch') || types.isProxy(body) || !Array.isArray(body))
    return undefined;
  if (operation === 'msearch') return body.length >> 1;
  let actions = 0;
  for (let i = 0; i < body.length; i++) {
    actions++;
    if (!isDelete(body[i])) i++;
  }
  return actions;
}

function isDelete(line: unknown): boolean {
  if (typeof line === 'string') return line.startsWith(`{"${DELETE}"`);
  return isReadable(line) && Object.hasOwn(line, DELETE);
}

/**
 * The first failure in an answer that is a success.
 * @param body the answer as the client has parsed it
 */
export function failureIn(operation: string, body: unknown): object | undefined {
  if (operation === 'bulk') {
    if (safeGet(body, 'errors') !== true) return undefined;
    for (const item of listIn(body, 'items')) {
      const [action = ''] = isReadable(item) ? Object.keys(item) : [];
      const failure = failureOf(safeGet(item, action));
      if (failure !== undefined) return failure;
    }
  }
  if (operation === 'msearch') {
    for (const answer of listIn(body, 'responses')) {
      const failure = failureOf(answer);
      if (failure !== undefined) return failure;
    }
  }
  return undefined;
}

/** In the words in which the clients tell of an answer that is a failure. */
function failureOf(answer: unknown): object | undefined {
  const error = safeGet(answer, 'error');
  if (typeof error !== 'object' || error === null) return undefined;
  const [type, reason] = [safeGet(error, 'type'), safeGet(error, 'reason')];
  return {
    name: 'ResponseError',
    message: `${String(type)}: ${String(reason)}`,
    statusCode: safeGet(answer, 'status'),
  };
}

function listIn(body: unknown, key: string): readonly unknown[] {
  const list = safeGet(body, key);
  return Array.isArray(list) ? list : [];
}

function isReadable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !types.isProxy(value);
}

/** Without calling a getter. */
export function fieldOf(object: unknown, key: string): unknown {
  return isReadable(object) ? Object.getOwnPropertyDescriptor(object, key)?.value : undefined;
}

/** '' where it is no text. */
export function textOf(object: unknown, key: string): string {
  const value = fieldOf(object, key);
  return typeof value === 'string' ? value : '';
}
