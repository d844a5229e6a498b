/** What a request line asks for. */

const SLASH = 47;

/** Path and query of a request target in any of its forms (RFC 9112, section 3.2). */
export function splitTarget(target: string): { path: string; query: string } {
  const start = target.charCodeAt(0) === SLASH ? 0 : startOfPath(target);
  const fragment = target.indexOf('#', start);
  const end = fragment < 0 ? target.length : fragment;
  const question = target.indexOf('?', start);
  if (question < 0 || question > end) return { path: target.slice(start, end) || '/', query: '' };
  return { path: target.slice(start, question) || '/', query: target.slice(question + 1, end) };
}

/** Behind the authority of the absolute-form, as it is sent to proxies (`http://host:80/path`). */
function startOfPath(target: string): number {
  const scheme = target.slice(0, 8).toLowerCase();
  const authority = scheme.startsWith('http://') ? 7 : scheme === 'https://' ? 8 : 0;
  if (authority === 0) return 0; // `*`, `host:port` of CONNECT
  for (let i = authority; i < target.length; i++) {
    const c = target[i];
    if (c === '/' || c === '?' || c === '#') return i;
  }
  return target.length;
}
