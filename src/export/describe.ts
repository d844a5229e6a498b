/** Destinations in words, for logs: never with userinfo, query values or header values. */
import { URL } from 'node:url';
import type { Destination } from '../config/types';

export function displayUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return 'an invalid URL';
  }
  return `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}${url.search === '' ? '' : '?…'}`;
}

/** `Arize (EU), https://otlp.eu-west-1a.arize.com/v1/traces` */
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

/** Text from outside without the values of our headers, should it quote them. */
export function withoutSecrets(text: string, headers: Readonly<Record<string, string>>): string {
  let clean = text;
  for (const value of Object.values(headers)) {
    const secret = value.startsWith('Bearer ') ? value.slice('Bearer '.length) : value;
    if (secret.length >= 6) clean = clean.replaceAll(secret, '***');
  }
  return clean;
}
