/** Method names as the conventions want them: a closed set, so that a scanner cannot invent new span names. */
import { type Sanitized, sanitizeName } from '../../redaction/sanitized';

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

export const OTHER_METHOD = sanitizeName('_OTHER');
const OTHER_NAME = sanitizeName('HTTP');
/** A method that is not known is quoted in an attribute, but not at any length. */
export const MAX_ORIGINAL_METHOD = 64;

export interface MethodNames {
  /** The value of `http.request.method`. */
  normalize(method: string): Sanitized;
  /** What stands for it in a span's name. */
  inName(normalized: Sanitized): Sanitized;
}

export function createMethodNames(known: readonly string[] | undefined): MethodNames {
  const methods = new Map((known ?? STANDARD_METHODS).map((method) => [method, sanitizeName(method)]));
  return {
    normalize: (method) => methods.get(method) ?? methods.get(method.toUpperCase()) ?? OTHER_METHOD,
    inName: (normalized) => (normalized === OTHER_METHOD ? OTHER_NAME : normalized),
  };
}
