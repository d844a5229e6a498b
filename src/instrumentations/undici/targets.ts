/** Where a request goes, in the words of the conventions. */
import { URL } from 'node:url';

export interface Target {
  readonly url: string;
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number | undefined;
}

interface Origin {
  /** `https://example.com`, without a slash at the end. */
  readonly text: string;
  readonly host: string;
  readonly port: number | undefined;
}

/** An app talks to few origins many times; one that talks to very many must not fill the memory. */
const MAX_ORIGINS = 500;
const HTTP = 'http://';
const HTTPS = 'https://';

export class Targets {
  private readonly origins = new Map<string, Origin>();

  /** undefined for what is no URL. */
  of(origin: unknown, path: string): Target | undefined {
    // A proxy is asked for absolute URLs: not the proxy is meant, but what is behind it.
    if (path.startsWith(HTTP) || path.startsWith(HTTPS)) {
      const slash = path.indexOf('/', HTTPS.length);
      const target = this.originOf(slash < 0 ? path : path.slice(0, slash));
      return target && { url: path, host: target.host, port: target.port };
    }
    const target = this.originOf(typeof origin === 'string' ? origin : String(origin));
    return target && { url: target.text + path, host: target.host, port: target.port };
  }

  private originOf(origin: string): Origin | undefined {
    let known = this.origins.get(origin);
    if (known === undefined) {
      known = parseOrigin(origin);
      if (known === undefined) return undefined;
      if (this.origins.size >= MAX_ORIGINS) this.origins.clear();
      this.origins.set(origin, known);
    }
    return known;
  }
}

function parseOrigin(origin: string): Origin | undefined {
  if (!URL.canParse(origin)) return undefined;
  const { protocol, host, hostname, port } = new URL(origin);
  return {
    text: `${protocol}//${host}`,
    host: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port: port !== '' ? Number(port) : protocol === 'https:' ? 443 : protocol === 'http:' ? 80 : undefined,
  };
}
