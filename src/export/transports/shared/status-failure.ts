/** Explains HTTP statuses other than 2xx, so that a person knows what to change. */
import { URL } from 'node:url';
import type { OtlpDestination } from '../../../config/types';
import { displayUrl, withoutSecrets } from '../../delivery/describe';
import type { SendResult } from '../../types';
import { toEncodeOtherwise } from './advice';

/** OTLP specification, "Retryable Response Codes". Everything else must not be retried. */
const RETRYABLE = new Set([429, 502, 503, 504]);

export interface StatusDetails {
  /** The error message of the backend, or ''. */
  readonly said: string;
  readonly location: string | undefined;
  readonly retryAfterMs: number | undefined;
}

/** @returns Whether to try again, and the status in words. */
export function statusFailure(
  status: number,
  details: StatusDetails,
  destination: OtlpDestination,
): SendResult {
  const said = details.said === '' ? '' : `: ${details.said}`;
  if (RETRYABLE.has(status)) {
    return {
      outcome: 'retry',
      status: String(status),
      reason: `the backend answered ${status}${said}`,
      fix:
        status === 429
          ? 'it asks for fewer spans: sample, or raise its limit'
          : 'it is overloaded or restarting',
      retryAfterMs: details.retryAfterMs,
    };
  }
  const reason = `the backend answered ${status}${said}`;
  return { outcome: 'refused', status: String(status), reason, fix: fixFor(status, details, destination) };
}

function fixFor(status: number, details: StatusDetails, destination: OtlpDestination): string {
  if (status >= 300 && status < 400) {
    const target =
      details.location === undefined ? 'the address it names' : targetOf(details.location, destination);
    return `redirects are not followed, since they would carry the key elsewhere: set the endpoint to ${target}`;
  }
  switch (status) {
    case 400:
      return 'it could not read the request: check that the endpoint takes OTLP traces in this protocol';
    case 401:
    case 403:
      return `check the key and the other headers of ${destination.label}`;
    case 404:
    case 405:
      return `check the path of ${displayUrl(destination.url)}; for OTLP/HTTP it ends in /v1/traces as a rule`;
    case 413:
      return 'the batch is too big for it: lower OTEL_BSP_MAX_EXPORT_BATCH_SIZE or raise its limit';
    case 415:
      return toEncodeOtherwise(destination);
    default:
      return 'see the logs of the backend';
  }
}

function targetOf(location: string, destination: OtlpDestination): string {
  try {
    return withoutSecrets(displayUrl(new URL(location, destination.url).href), destination);
  } catch {
    return 'the address it names';
  }
}

/**
 * @param header The value of `Retry-After`: seconds or a date (RFC 9110, 10.2.3).
 * @param nowMs Milliseconds since 1970.
 * @returns Milliseconds; undefined where there is no header, or no valid one.
 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  if (header.trim() !== '' && Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
