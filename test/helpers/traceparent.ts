/** A caller's trace, so that a test finds the spans of its own request. */
import { randomBytes } from 'node:crypto';

export interface CallerTrace {
  traceId: string;
  spanId: string;
  headers: { traceparent: string };
}

export function callerTrace(sampled = true): CallerTrace {
  const traceId = randomBytes(16).toString('hex');
  const spanId = randomBytes(8).toString('hex');
  return { traceId, spanId, headers: { traceparent: `00-${traceId}-${spanId}-${sampled ? '01' : '00'}` } };
}
