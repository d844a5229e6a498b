/** Headers in the forms in which the versions of undici keep them. */
import type { HeaderReader, OutgoingHeaders } from '../operations/http-client';

export interface UndiciHeaders {
  /** `name: value\r\n...` in undici 5; `[name, value, ...]` since 6, where a value may be an array. */
  headers: unknown;
  addHeader?(name: string, value: string): unknown;
}

/** The headers of a request that undici has made of the app's; the app's own object is never touched. */
export class RequestHeaders implements OutgoingHeaders {
  constructor(private readonly request: UndiciHeaders) {}

  get(name: string): unknown {
    const { headers } = this.request;
    return typeof headers === 'string' ? findInText(headers, name) : findInList(headers, name);
  }

  set(name: string, value: string): void {
    const { request } = this;
    if (request.addHeader !== undefined) request.addHeader(name, value);
    else if (typeof request.headers === 'string') request.headers += `${name}: ${value}\r\n`;
    // undici 6.11.0 lost addHeader() for one version.
    else if (Array.isArray(request.headers)) request.headers.push(name, value);
  }
}

/** The headers of a response: bytes as they came (`[name, value, ...]`), or Node's object for HTTP/2. */
export class RawHeaders implements HeaderReader {
  constructor(private readonly headers: unknown) {}

  get(name: string): unknown {
    if (Array.isArray(this.headers)) return findInList(this.headers, name);
    return (this.headers as Record<string, unknown> | null | undefined)?.[name];
  }
}

/** The value, or an array of all values where a header came more than once. */
function findInList(list: unknown, name: string): unknown {
  if (!Array.isArray(list)) return undefined;
  let found: unknown;
  for (let i = 0; i < list.length; i += 2) {
    const key: unknown = list[i];
    // Most names differ in length, and that is seen at once.
    if ((key as string | Buffer | undefined)?.length !== name.length) continue;
    if (String(key).toLowerCase() !== name) continue;
    const value: unknown = list[i + 1];
    found = found === undefined ? value : [found, value].flat();
  }
  return found;
}

function findInText(text: string, name: string): unknown {
  const values: string[] = [];
  for (const line of text.split('\r\n')) {
    if (line[name.length] !== ':' || line.slice(0, name.length).toLowerCase() !== name) continue;
    values.push(line.slice(name.length + 1).trim());
  }
  return values.length > 1 ? values : values[0];
}
