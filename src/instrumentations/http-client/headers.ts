/** Headers of an outgoing request, in the forms in which Node keeps them. */
import type { ClientRequest } from 'node:http';
import { safeIsArray } from '../../tracing/attributes';
import type { HeaderReader, OutgoingHeaders } from '../operations/http-client';

/** Headers that are not to be looked at. */
export const NO_HEADERS: HeaderReader = { get: () => undefined };

/** Headers of a request that are not written yet. */
export class HeadersSoFar implements HeaderReader {
  constructor(protected readonly request: ClientRequest) {}

  get(name: string): unknown {
    return this.request.getHeader(name);
  }
}

/** Headers that Node keeps in the request, and is about to write. */
export class LiveHeaders extends HeadersSoFar implements OutgoingHeaders {
  private added: string[] | undefined;

  /** `kept`: Node's own collection, by lower-case names. */
  constructor(
    request: ClientRequest,
    private readonly kept: Record<string, unknown>,
  ) {
    super(request);
  }

  get hasAdded(): boolean {
    return this.added !== undefined;
  }

  set(name: string, value: string): void {
    this.request.setHeader(name, value);
    this.added ??= [];
    this.added.push(name.toLowerCase());
  }

  /** What is written cannot be taken out by `removeHeader()` any more. */
  hide(): void {
    for (const name of this.added ?? []) delete this.kept[name];
  }
}

/** Headers given as a list, flat or in pairs; the app's own list is left as it is. */
export class HeaderList implements OutgoingHeaders {
  private readonly inPairs: boolean;
  private added: unknown[] = [];

  constructor(private readonly given: unknown[]) {
    this.inPairs = safeIsArray(given[0]);
  }

  get result(): unknown[] {
    const { given, added } = this;
    // Of odd length it is an error, and Node quotes it.
    const isRefused = !this.inPairs && given.length % 2 === 1;
    return added.length === 0 || isRefused ? given : [...given, ...added];
  }

  get(name: string): unknown {
    const { given } = this;
    for (let i = 0; i < given.length; i += this.inPairs ? 1 : 2) {
      const [key, value] = this.inPairs ? (given[i] as unknown[]) : [given[i], given[i + 1]];
      if (typeof key === 'string' && key.toLowerCase() === name) return value;
    }
    return undefined;
  }

  set(name: string, value: string): void {
    if (this.inPairs) this.added.push([name, value]);
    else this.added.push(name, value);
  }
}
