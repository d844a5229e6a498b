/** Recognises the request that follows a redirect: the next one in the same context for the URL it named. */
import { URL } from 'node:url';
import type { TraceContext } from '../../tracing/context';
import { createHiddenState } from '../operations/hidden-state';

interface Redirect {
  readonly url: string;
  /** How often the request will have been sent before. */
  readonly resendCount: number;
}

export class Redirects {
  /** Of each context the latest one, kept by the context itself. */
  private readonly expected = createHiddenState<Redirect | undefined>();

  /** @param location the header of a response with a 3xx status */
  expect(context: TraceContext, url: string, location: unknown, resendCount: number): void {
    const text = Buffer.isBuffer(location) ? location.toString('latin1') : location;
    if (typeof text !== 'string' || !URL.canParse(text, url)) return;
    const target = new URL(text, url);
    target.hash = '';
    this.expected.set(context, { url: target.href, resendCount });
  }

  /** How often a request was sent before, as a result of redirects. */
  take(context: TraceContext, url: string): number {
    const expected = this.expected.get(context);
    if (expected === undefined || expected.url !== url) return 0;
    this.expected.set(context, undefined);
    return expected.resendCount;
  }
}
