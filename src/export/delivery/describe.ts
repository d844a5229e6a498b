/** Describes destinations for logs, without userinfo, tokens, query values and header values. */
import { URL } from 'node:url';
import type { Destination, OtlpDestination } from '../../config/types';
import { maskPath, tokensIn } from '../../redaction/http/endpoint-path';

/** @returns The URL without userinfo, query and tokens in its path. */
export function displayUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return 'an invalid URL';
  }
  return `${url.protocol}//${url.host}${url.pathname === '/' ? '' : maskPath(url.pathname)}${url.search === '' ? '' : '?…'}`;
}

/** @returns For example `Arize (EU), https://otlp.eu-west-1a.arize.com/v1/traces`. */
export function describe(destination: Destination): string {
  switch (destination.transport) {
    case 'otlp':
      return `${destination.label}, ${displayUrl(destination.url)}`;
    case 'jaeger-udp':
      return `${destination.label}, udp://${destination.host}:${destination.port}`;
    case 'console':
      return destination.label;
    case 'custom':
      return `${destination.label}, ${destination.module}`;
  }
}

const SHORTEST_SECRET = 4;

/**
 * Masks the keys of a destination in text from outside, which may quote them.
 *
 * @param text To be passed whole: in text that was cut, a part of a key would not be found.
 */
export function withoutSecrets(text: string, { headers, url }: OtlpDestination): string {
  if (text === '') return text;
  const secrets = [...Object.values(headers).flatMap(credentialsIn), ...secretsOfUrl(url)]
    .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    // The longest first, because one may be part of another.
    .sort((a, b) => b.length - a.length);
  let clean = text;
  for (const secret of secrets) clean = clean.replaceAll(secret, '***');
  return clean;
}

/** @returns The header's value; of `Bearer abc` also `abc`, of `Basic dTpw` also the user and the password in it. */
function credentialsIn(value: string): string[] {
  const space = value.indexOf(' ');
  if (space < 0) return [value];
  const credentials = value.slice(space + 1);
  if (value.slice(0, space).toLowerCase() !== 'basic') return [value, credentials];
  const pair = Buffer.from(credentials, 'base64').toString();
  return [value, credentials, pair, pair.slice(pair.indexOf(':') + 1)];
}

function secretsOfUrl(text: string): string[] {
  const { pathname, search, searchParams } = new URL(text);
  const tokens = tokensIn(pathname);
  return search === '' ? tokens : [...tokens, search.slice(1), ...searchParams.values()];
}
