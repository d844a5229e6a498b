/** Method names as the conventions want them: a closed set, so that a scanner cannot invent new span names. */

import { type Clean, cleanName } from '../../redaction/clean';

const STANDARD_METHODS: readonly string[] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  // RFC 5789 and the HTTP working group's QUERY
  'PATCH',
  'QUERY',
];

export const OTHER_METHOD = cleanName('_OTHER');
const OTHER_NAME = cleanName('HTTP');
/** A method that is not known is quoted in an attribute, but not at any length. */
export const MAX_ORIGINAL_METHOD = 64;

export interface MethodNames {
  /** The value of `http.request.method`. */
  normalize(method: string): Clean;
  /** What stands for it in a span's name. */
  inName(normalized: Clean): Clean;
}

export function createMethodNames(known: readonly string[] | undefined): MethodNames {
  const methods = new Map((known ?? STANDARD_METHODS).map((method) => [method, cleanName(method)]));
  return {
    normalize: (method) => methods.get(method) ?? methods.get(method.toUpperCase()) ?? OTHER_METHOD,
    inName: (normalized) => (normalized === OTHER_METHOD ? OTHER_NAME : normalized),
  };
}
