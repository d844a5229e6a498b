/** Takes an endpoint apart: what was written, before any rule of OTLP is applied to it. */
import { URL } from 'node:url';
import { problem } from './problem';
import type { Problem } from './types';

export interface Target {
  /** '' when none was written. */
  readonly scheme: 'http' | 'https' | 'grpc' | 'grpcs' | '';
  /** As in a URL: IPv6 in brackets. */
  readonly host: string;
  /** Only if one was written, even if it is the scheme's own. */
  readonly port: number | undefined;
  /** '' or '/...'. */
  readonly path: string;
  /** '' or '?...'. */
  readonly search: string;
  /** A user and password in the URL, as the header they stand for. */
  readonly authorization: string | undefined;
}

const SCHEMES = ['http', 'https', 'grpc', 'grpcs'] as const;

/** Whitespace and control characters: `new URL` silently drops some of them, joining what they separated. */
function hasOddCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x20 || code === 0x7f || code === 0x5c) return true;
  }
  return false;
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** `new URL` hides the port that is its scheme's own, so `:80` shows under https and every other under http. */
function writtenPort(url: URL, rest: string): number | undefined {
  const port = url.port || parseUrl(`https://${rest}`)?.port;
  return port ? Number(port) : undefined;
}

/** `::1` needs brackets before a port can follow. */
function withBrackets(rest: string): string {
  const bare =
    rest.split(':').length > 2 && !rest.includes('[') && !rest.includes('/') && !rest.includes('@');
  return bare ? `[${rest}]` : rest;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isNumber(text: string): boolean {
  return text !== '' && !Number.isNaN(Number(text));
}

/** undefined = reported as a problem. The text itself is never repeated: it may hold a password. */
export function parseTarget(text: string, variable: string, problems: Problem[]): Target | undefined {
  const invalid = (
    why: string,
    fix = `Write ${variable} like http://localhost:4318 or https://collector.example.com.`,
  ) => {
    problems.push(
      problem(
        'ENDPOINT_INVALID',
        variable,
        `The value of ${variable} ${why}, so nothing is sent there.`,
        fix,
      ),
    );
    return undefined;
  };
  if (hasOddCharacter(text)) return invalid('has a space, a backslash or a control character in it');

  const schemeEnd = text.indexOf('://');
  const written = schemeEnd < 0 ? '' : text.slice(0, schemeEnd).toLowerCase();
  const scheme = SCHEMES.find((known) => known === written) ?? '';
  // gRPC's own target syntax, `unix:/run/x.sock` and `dns:host`, has a scheme without `//`.
  const foreign =
    written !== scheme || (schemeEnd < 0 && (text.startsWith('unix:') || text.startsWith('dns:')));
  if (foreign) {
    const fix = text.startsWith('unix:')
      ? 'Unix sockets are not spoken; let the receiver listen on a port too, and'
      : 'Please';
    problems.push(
      problem(
        'ENDPOINT_SCHEME',
        variable,
        `The scheme in ${variable} is none of http, https, grpc and grpcs, so nothing is sent there.`,
        `${fix} write it like http://localhost:4318.`,
      ),
    );
    return undefined;
  }
  const rest = withBrackets(schemeEnd < 0 ? text : text.slice(schemeEnd + 3));
  // `http:///x` would become the host x, `4318` the host 0.0.16.222, and `http:localhost` the host localhost.
  if (rest === '' || rest.startsWith('/') || rest.startsWith(':')) return invalid('has no host');
  if (scheme === '' && isNumber(rest)) return invalid('is only a number');
  if (scheme === '' && (rest.startsWith('http:') || rest.startsWith('https:')))
    return invalid('lacks the // after its scheme');

  const url = parseUrl(`http://${rest}`);
  if (url === undefined) {
    return invalid(
      'is not a valid URL',
      rest.includes('@') ? 'Percent-encode special characters in the user name and password.' : undefined,
    );
  }
  if (rest.includes('@') && (url.pathname + url.search + url.hash).includes('@')) {
    return invalid(
      'has an @ after its host',
      'Percent-encode special characters in the user name and password: %2F for /, %3F for ?, %23 for #, %40 for @.',
    );
  }
  const port = writtenPort(url, rest);
  if (port === 0) return invalid('has port 0');
  const user = decoded(url.username);
  const password = decoded(url.password);
  return {
    scheme,
    host: url.hostname,
    port,
    path: url.pathname === '/' && !rest.includes('/') ? '' : url.pathname,
    search: url.search,
    authorization:
      user || password ? `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}` : undefined,
  };
}
