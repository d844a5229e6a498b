/** The path of a route or mount point as the app wrote it, as text for `http.route`. */

/**
 * A string is taken as it is, a regular expression as its source. Of an array of paths it is the one that
 * `actual` matches, where that can be told without asking the app's own expressions again, else all of them.
 */
export function pathText(path: unknown, actual: string): string {
  if (typeof path === 'string') return path;
  if (Array.isArray(path)) return alternativeText(path.flat(Number.POSITIVE_INFINITY) as unknown[], actual);
  return path instanceof RegExp ? String(path) : '';
}

/** `/api` and `/items` -> `/api/items`; a `/` below something adds nothing. */
export function joinPaths(prefix: string, path: string): string {
  if (prefix === '') return path === '' ? '/' : path;
  if (path === '/' || path === '') return prefix;
  return prefix.endsWith('/') && path.startsWith('/') ? prefix + path.slice(1) : prefix + path;
}

/** `*`, `/*`, `/*rest`, `{*rest}`: what is mounted there takes what nothing else took, and is no route of its own. */
export function isCatchAll(path: string): boolean {
  return /^\/?\{?\/?\*\w*\}?$/.test(path);
}

function alternativeText(paths: readonly unknown[], actual: string): string {
  const undecided: unknown[] = [];
  for (const path of paths) {
    const verdict = typeof path === 'string' ? matches(path, actual) : undefined;
    if (verdict === true) return path as string;
    if (verdict === undefined) undecided.push(path);
  }
  const [only] = undecided;
  if (undecided.length === 1) return String(only);
  return (undecided.length > 0 ? undecided : paths).map(String).join(',');
}

/** Whether a path of plain segments and `:parameters` matches; undefined for one that says more than that. */
function matches(path: string, actual: string): boolean | undefined {
  const wanted = segmentsOf(path);
  const given = segmentsOf(actual);
  let verdict: boolean | undefined = wanted.length === given.length;
  for (const [i, segment] of wanted.entries()) {
    const isParameter = segment.startsWith(':');
    if (/[^\w.~%@-]/.test(isParameter ? segment.slice(1) : segment)) return undefined;
    const value = given[i];
    if (value === undefined || (isParameter ? value === '' : value.toLowerCase() !== segment.toLowerCase())) {
      verdict = false;
    }
  }
  return verdict;
}

/** Express does not mind a slash at the end unless it is told to. */
function segmentsOf(path: string): string[] {
  return (path.endsWith('/') ? path.slice(0, -1) : path).split('/').slice(1);
}
