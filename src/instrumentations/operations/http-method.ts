/** Method names as the conventions want them: a closed set, so that a scanner cannot invent new span names. */

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

export const OTHER_METHOD = '_OTHER';
/** A method that is not known is quoted in an attribute, but not at any length. */
export const MAX_ORIGINAL_METHOD = 64;

export interface MethodNames {
  /** The value of `http.request.method`. */
  normalize(method: string): string;
  /** What stands for it in a span's name. */
  inName(normalized: string): string;
}

export function createMethodNames(known: readonly string[] | undefined): MethodNames {
  const methods = new Set(known ?? STANDARD_METHODS);
  return {
    normalize: (method) =>
      methods.has(method) ? method : methods.has(method.toUpperCase()) ? method.toUpperCase() : OTHER_METHOD,
    inName: (normalized) => (normalized === OTHER_METHOD ? 'HTTP' : normalized),
  };
}
