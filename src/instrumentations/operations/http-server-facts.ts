/** What an incoming request says about itself, as attributes. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type Clean, cleanName, fromNode } from '../../redaction/clean';
import { redactHeaders } from '../../redaction/headers';
import { redactText } from '../../redaction/text';
import { redactPath, redactQuery } from '../../redaction/url';
import { toText } from '../../tracing/attributes';
import {
  CLIENT_ADDRESS,
  HTTP_REQUEST_METHOD,
  HTTP_REQUEST_METHOD_ORIGINAL,
  NETWORK_PEER_ADDRESS,
  NETWORK_PEER_PORT,
  NETWORK_PROTOCOL_VERSION,
  SERVER_ADDRESS,
  SERVER_PORT,
  URL_PATH,
  URL_QUERY,
  URL_SCHEME,
  USER_AGENT_ORIGINAL,
} from '../../tracing/semconv';
import type { RecordingSpan } from '../../tracing/span';
import { firstOf, forwardedParameter, splitHost } from './forwarded';
import { MAX_ORIGINAL_METHOD, OTHER_METHOD } from './http-method';
import { peerOf } from './peer';
import type { Headers } from './raw-headers';
import { splitTarget } from './request-target';

/** Headers are the client's to choose; no attribute needs more of them than this. */
const MAX_TEXT = 2048;
const MAX_HOST = 255;

/** Headers that {@link putRequestFacts} reads. */
export const FACT_HEADERS = [
  'forwarded',
  'host',
  'user-agent',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
];

export function putRequestFacts(
  span: RecordingSpan,
  server: Server,
  request: IncomingMessage,
  headers: Headers,
  method: Clean,
): void {
  const target = splitTarget(request.url ?? '');
  const secure = 'setSecureContext' in server;
  const host = originalHost(headers);
  span.put(HTTP_REQUEST_METHOD, method);
  if (method === OTHER_METHOD)
    span.put(HTTP_REQUEST_METHOD_ORIGINAL, cleanName(request.method ?? '', MAX_ORIGINAL_METHOD));
  span.put(URL_SCHEME, secure ? 'https' : 'http');
  span.put(URL_PATH, redactPath(target.path.slice(0, MAX_TEXT)));
  if (target.query !== '') span.put(URL_QUERY, redactQuery(target.query.slice(0, MAX_TEXT)));
  if (host !== undefined) {
    const { address, port } = hostParts(host);
    const scheme = forwardedProto(headers) ?? (secure ? 'https' : 'http');
    span.put(SERVER_ADDRESS, address);
    span.put(SERVER_PORT, port ?? (scheme === 'https' ? 443 : 80));
  }
  const peer = peerOf(request.socket);
  const peerAddress = fromNode(peer.address);
  span.put(CLIENT_ADDRESS, cleanName(clientAddress(headers)) ?? peerAddress);
  span.put(NETWORK_PEER_ADDRESS, peerAddress);
  span.put(NETWORK_PEER_PORT, peer.port);
  span.put(NETWORK_PROTOCOL_VERSION, fromNode(request.httpVersion));
  span.put(USER_AGENT_ORIGINAL, userAgent(headers['user-agent']));
}

/** Clients come back, and many say the same. Beyond so many of them it is begun anew. */
const MAX_AGENTS = 100;
const agents = new Map<string, Clean>();

function userAgent(text: string | undefined): Clean | undefined {
  if (text === undefined) return undefined;
  const known = agents.get(text);
  if (known !== undefined) return known;
  const clean = redactText(text, MAX_TEXT);
  if (agents.size >= MAX_AGENTS) agents.clear();
  if (text.length <= MAX_TEXT) agents.set(text, clean);
  return clean;
}

/** A server is asked for under one name, nearly always. */
let latestHost = '';
let latestParts: { address: Clean; port: number | undefined } = { address: cleanName(''), port: undefined };

function hostParts(host: string): typeof latestParts {
  if (host !== latestHost) {
    const { address, port } = splitHost(host);
    latestParts = { address: cleanName(address), port };
    latestHost = host;
  }
  return latestParts;
}

/** The host that the client asked for, before any proxy: Forwarded (RFC 7239), X-Forwarded-Host, Host. */
function originalHost(headers: Headers): string | undefined {
  const { forwarded } = headers;
  const host =
    (forwarded === undefined ? undefined : forwardedParameter(forwarded, 'host')) ??
    headers['x-forwarded-host'] ??
    headers.host;
  const text = Array.isArray(host) ? host[0] : host;
  return text === undefined || text === '' ? undefined : firstOf(text).slice(0, MAX_HOST);
}

function forwardedProto(headers: Headers): string | undefined {
  const { forwarded } = headers;
  if (forwarded !== undefined) return forwardedParameter(forwarded, 'proto')?.toLowerCase();
  const proto = headers['x-forwarded-host'] === undefined ? undefined : headers['x-forwarded-proto'];
  return (typeof proto === 'string' ? firstOf(proto) : proto?.[0])?.toLowerCase();
}

function clientAddress(headers: Headers): string | undefined {
  const { forwarded } = headers;
  const from = forwarded === undefined ? undefined : forwardedParameter(forwarded, 'for');
  const address = from ?? headers['x-forwarded-for'];
  const text = Array.isArray(address) ? address[0] : address;
  return text === undefined || text === '' ? undefined : splitHost(firstOf(text).slice(0, MAX_HOST)).address;
}

export function putRequestHeaders(span: RecordingSpan, headers: Headers, names: readonly string[]): void {
  for (const name of names) putHeader(span, 'http.request.header.', name, headers[name]);
}

export function putResponseHeaders(
  span: RecordingSpan,
  response: ServerResponse,
  names: readonly string[],
): void {
  for (const name of names) putHeader(span, 'http.response.header.', name, response.getHeader(name));
}

function putHeader(
  span: RecordingSpan,
  prefix: string,
  name: string,
  value: number | string | string[] | undefined,
): void {
  if (value === undefined) return;
  // setHeader() takes arrays of anything.
  const values = (Array.isArray(value) ? value : [value]).map(toText);
  span.put(prefix + name, redactHeaders(name, values));
}
