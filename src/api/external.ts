/** Calls to other services through clients that are not traced automatically. */
import { URL } from 'node:url';
import type { Attributes, Span } from '@opentelemetry/api';
import { toText } from '../tracing/attributes';
import {
  ERROR_TYPE,
  HTTP_REQUEST_METHOD,
  HTTP_RESPONSE_STATUS_CODE,
  SERVER_ADDRESS,
  SERVER_PORT,
  STATUS_ERROR,
  URL_FULL,
} from '../tracing/semconv';
import { KIND_CLIENT } from '../tracing/span-kind';
import { beginWork } from './spans';

/** A `URL`, named by what it has: `URL` itself is not known to programs without the types of Node or of the DOM. */
export interface UrlLike {
  readonly href: string;
}

/**
 * A client span for one request. A result with a numeric `status` or `statusCode` (a `Response`, say) gives the
 * span its status code; 400 and above is an error.
 */
export function traceExternalRequest<T>(method: string, url: string | UrlLike, fn: (span: Span) => T): T {
  const name = toText(method).toUpperCase();
  const full = toText(url);
  const attributes: Attributes = { [HTTP_REQUEST_METHOD]: name, [URL_FULL]: full };
  const parsed = parse(full);
  if (parsed !== undefined) {
    const { hostname } = parsed;
    attributes[SERVER_ADDRESS] = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname; // IPv6
    attributes[SERVER_PORT] = Number(parsed.port) || (parsed.protocol === 'https:' ? 443 : 80);
  }
  const work = beginWork(name, { kind: KIND_CLIENT }, attributes, { result: putStatus });
  let result: T;
  try {
    result = fn(work.span);
  } catch (error) {
    work.threw(error);
    throw error;
  }
  return work.returned(result);
}

function parse(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}

function putStatus(span: Span, result: unknown): void {
  const code = statusOf(result);
  if (code === undefined) return;
  span.setAttribute(HTTP_RESPONSE_STATUS_CODE, code);
  if (code < 400) return;
  span.setAttribute(ERROR_TYPE, String(code));
  span.setStatus({ code: STATUS_ERROR });
}

function statusOf(result: unknown): number | undefined {
  try {
    const { status, statusCode } = (result ?? {}) as { status?: unknown; statusCode?: unknown };
    const code = typeof status === 'number' ? status : statusCode;
    return typeof code === 'number' && Number.isInteger(code) ? code : undefined;
  } catch {
    return undefined;
  }
}
