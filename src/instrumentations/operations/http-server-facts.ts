/** What an incoming request says about itself, as attributes. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { redactHeaders } from '../../redaction/http/headers';
import { redactPath, redactQuery } from '../../redaction/http/url';
import { type Sanitized, sanitizeName, trusted } from '../../redaction/sanitized';
import { redactText } from '../../redaction/text/free-text';
import { AttributeBlock } from '../../tracing/attribute-block';
import { toText } from '../../tracing/attributes';
import {
  CLIENT_ADDRESS,
  HTTP_REQUEST_METHOD,
  HTTP_REQUEST_METHOD_ORIGINAL,
  NETWORK_PROTOCOL_VERSION,
  SERVER_ADDRESS,
  SERVER_PORT,
  URL_PATH,
  URL_QUERY,
  URL_SCHEME,
  USER_AGENT_ORIGINAL,
} from '../../tracing/semconv';
import type { RecordingSpan } from '../../tracing/span';
import { MAX_ORIGINAL_METHOD, OTHER_METHOD } from './http-method';
import { type Peer, peerOf, putPeer } from './peer';
import { firstOf, forwardedParameter, splitHost } from './proxy-headers';
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
  method: Sanitized,
): void {
  const target = splitTarget(request.url ?? '');
  const secure = 'setSecureContext' in server;
  span.putBlock(serverAttributes(method, secure, headers));
  if (method === OTHER_METHOD)
    span.put(HTTP_REQUEST_METHOD_ORIGINAL, sanitizeName(request.method ?? '', MAX_ORIGINAL_METHOD));
  span.put(URL_PATH, redactPath(target.path.slice(0, MAX_TEXT)));
  if (target.query !== '') span.put(URL_QUERY, redactQuery(target.query.slice(0, MAX_TEXT)));
  putClient(span, headers, peerOf(request.socket));
  putAgent(span, headers['user-agent'], request.httpVersion);
}

/** What was asked for, apart from the path: a server is asked under one name, nearly always. */
interface Asked {
  readonly secure: boolean;
  readonly host: string | undefined;
  /** Of the proxy's client, where a proxy says so. */
  readonly scheme: string | undefined;
  readonly attributes: AttributeBlock;
}

/** By method: the latest. */
const asked = new Map<Sanitized, Asked>();

function serverAttributes(method: Sanitized, secure: boolean, headers: Headers): AttributeBlock {
  const host = originalHost(headers);
  const scheme = host === undefined ? undefined : forwardedProto(headers);
  const latest = asked.get(method);
  if (latest?.host === host && latest?.secure === secure && latest.scheme === scheme)
    return latest.attributes;
  const own = secure ? 'https' : 'http';
  const attributes = new AttributeBlock().put(HTTP_REQUEST_METHOD, method).put(URL_SCHEME, own);
  if (host !== undefined) {
    const { address, port } = splitHost(host);
    attributes.put(SERVER_ADDRESS, sanitizeName(address));
    attributes.put(SERVER_PORT, port ?? ((scheme ?? own) === 'https' ? 443 : 80));
  }
  asked.set(method, { secure, host, scheme, attributes });
  return attributes;
}

function putClient(span: RecordingSpan, headers: Headers, peer: Peer): void {
  const client = clientAddress(headers);
  if (client === undefined) {
    peer.attributes ??= directClient(peer);
    span.putBlock(peer.attributes);
  } else {
    span.put(CLIENT_ADDRESS, sanitizeName(client));
    putPeer(span, peer);
  }
}

/** The other end of the connection is the client itself. */
function directClient(peer: Peer): AttributeBlock {
  const attributes = new AttributeBlock().put(CLIENT_ADDRESS, trusted(peer.address));
  putPeer(attributes, peer);
  return attributes;
}

/** Clients come back, and many say the same. Beyond so many of them it is begun anew. */
const MAX_AGENTS = 100;
const agents = new Map<string, { readonly version: string; readonly attributes: AttributeBlock }>();

function putAgent(span: RecordingSpan, agent: string | undefined, version: string): void {
  const known = agents.get(agent ?? '');
  if (known?.version === version) {
    span.putBlock(known.attributes);
    return;
  }
  const attributes = new AttributeBlock().put(NETWORK_PROTOCOL_VERSION, trusted(version));
  if (agent !== undefined) attributes.put(USER_AGENT_ORIGINAL, redactText(agent, MAX_TEXT));
  span.putBlock(attributes);
  if (agent !== undefined && agent.length > MAX_TEXT) return;
  if (agents.size >= MAX_AGENTS) agents.clear();
  agents.set(agent ?? '', { version, attributes });
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
