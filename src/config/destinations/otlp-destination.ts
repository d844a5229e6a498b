/** Puts one OTLP destination together: the same last steps for OTLP, Jaeger, Arize and Phoenix. */
import { URL } from 'node:url';
import { isSecretKey } from '../../redaction/secrets/names';
import type { Endpoint } from '../endpoint';
import { problem } from '../problem';
import type { Target } from '../target';
import type { OtlpDestination, Problem } from '../types';

/** Names of tenants and the like, not keys; every other header is taken for one. */
const HARMLESS_HEADERS = new Set([
  'arize-interface',
  'organization',
  'stream-name',
  'tenant-id',
  'user-agent',
  'x-axiom-dataset',
  'x-honeycomb-dataset',
  'x-scope-orgid',
  'x-tenant-id',
]);

function isLoopback(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '[::1]' ||
    // `new URL` has made four plain numbers of every way to write such an address; `127.evil.example` is a name.
    (host.startsWith('127.') && !Number.isNaN(Number(host.replaceAll('.', ''))))
  );
}

type Settled = Pick<
  OtlpDestination,
  'compression' | 'timeoutMs' | 'tls' | 'resourceAttributes' | 'dialect' | 'implicit'
>;

export interface Draft extends Partial<Settled> {
  readonly id: string;
  readonly label: string;
  readonly target: Target;
  readonly endpoint: Endpoint;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly uiUrl?: string;
  /** To be named if keys are in danger. */
  readonly variable: string;
  /** The user's word that keys may be sent unencrypted. */
  readonly insecure: boolean | undefined;
}

interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly url: string;
}

/** Keys never leave the machine unencrypted unless the user says so. */
function guarded(draft: Draft, given: Credentials, problems: Problem[]): Credentials {
  if (draft.endpoint.secure || draft.insecure === true || isLoopback(draft.target.host)) return given;
  const harmless = Object.entries(given.headers).filter(([name]) => HARMLESS_HEADERS.has(name));
  const url = withoutKeys(given.url);
  if (harmless.length === Object.keys(given.headers).length && url === given.url) return given;
  problems.push(
    problem(
      'KEY_OVER_CLEAR_TEXT',
      draft.variable,
      `${draft.label} is reached unencrypted on another host, so keys and headers are not sent to it.`,
      `Use https:// (or grpcs://) in ${draft.variable}; in a network you trust, set OTEL_EXPORTER_OTLP_INSECURE=true.`,
    ),
  );
  return { headers: Object.fromEntries(harmless), url };
}

/** Without the parts of its query that are keys by their names; the same text if there are none. */
function withoutKeys(text: string): string {
  if (!text.includes('?')) return text;
  const url = new URL(text);
  const secret = [...url.searchParams.keys()].filter(isSecretKey);
  if (secret.length === 0) return text;
  for (const name of secret) url.searchParams.delete(name);
  return url.href;
}

export function otlpDestination(draft: Draft, problems: Problem[]): OtlpDestination {
  const { authorization } = draft.target;
  const headers =
    authorization === undefined || Object.hasOwn(draft.headers, 'authorization')
      ? draft.headers
      : { ...draft.headers, authorization };
  return {
    id: draft.id,
    label: draft.label,
    transport: 'otlp',
    protocol: draft.endpoint.protocol,
    ...guarded(draft, { headers, url: draft.endpoint.url }, problems),
    compression: draft.compression ?? 'none',
    timeoutMs: draft.timeoutMs,
    tls: draft.tls ?? {},
    resourceAttributes: draft.resourceAttributes ?? {},
    dialect: draft.dialect ?? 'plain',
    ...(draft.uiUrl === undefined ? {} : { uiUrl: draft.uiUrl }),
    implicit: draft.implicit ?? false,
  };
}

/** A key as a bearer token, also if the user wrote the word already. */
export function bearer(key: string): string {
  return key.slice(0, 7).toLowerCase() === 'bearer ' ? key : `Bearer ${key}`;
}
