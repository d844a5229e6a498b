/** Explains gRPC status codes: which may be tried again (OTLP specification, "OTLP/gRPC"), and what to change otherwise. */
import type { OtlpDestination } from '../../../config/types';
import { readFields } from '../../../otlp/protobuf-reader';
import type { SendResult } from '../../types';

const NAMES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];
const RETRYABLE = new Set([
  'CANCELLED',
  'DEADLINE_EXCEEDED',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNAVAILABLE',
  'DATA_LOSS',
]);

const FIXES: Readonly<Record<string, string>> = {
  INVALID_ARGUMENT: 'it could not read the request: check that the endpoint takes OTLP traces',
  UNIMPLEMENTED: 'this server has no OTLP trace service: check host and port of the endpoint',
  NOT_FOUND: 'this server has no OTLP trace service: check host and port of the endpoint',
  RESOURCE_EXHAUSTED:
    'the batch is too big for it, or its quota is used up: lower OTEL_BSP_MAX_EXPORT_BATCH_SIZE, or sample',
};

export interface GrpcAnswer {
  readonly code: number;
  readonly message: string;
  /** Milliseconds from RetryInfo; undefined where the server sent none. */
  readonly retryAfterMs: number | undefined;
}

/** @returns Whether to try again, and the status in words. */
export function grpcFailure(answer: GrpcAnswer, destination: OtlpDestination): SendResult {
  const name = NAMES[answer.code] ?? `code ${answer.code}`;
  const reason = `the backend answered ${name}${answer.message === '' ? '' : `: ${answer.message}`}`;
  if (RETRYABLE.has(name) || (name === 'RESOURCE_EXHAUSTED' && answer.retryAfterMs !== undefined)) {
    const fix = 'it is overloaded, restarting, or a proxy in between gave up';
    return { outcome: 'retry', status: name, reason, fix, retryAfterMs: answer.retryAfterMs };
  }
  const isKey = name === 'UNAUTHENTICATED' || name === 'PERMISSION_DENIED';
  const fix = isKey
    ? `check the key and the other headers of ${destination.label}`
    : (FIXES[name] ?? 'see the logs of the backend');
  return { outcome: 'refused', status: name, reason, fix };
}

/**
 * @param text The value of `grpc-message`, which is percent-encoded UTF-8 (gRPC over HTTP/2, "Responses").
 * @returns The message; the same text where it cannot be decoded.
 */
export function decodeGrpcMessage(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * @param details The value of `grpc-status-details-bin`, which is a google.rpc.Status in base64.
 * @returns The delay in the google.rpc.RetryInfo in it, in milliseconds; undefined without one.
 */
export function retryDelay(details: string | undefined): number | undefined {
  if (details === undefined) return undefined;
  let delayMs: number | undefined;
  readFields(Buffer.from(details, 'base64'), (field, detail) => {
    if (field !== 3 || typeof detail === 'number') return;
    let type = '';
    let value: Uint8Array | undefined;
    readFields(detail, (inner, content) => {
      if (typeof content === 'number') return;
      if (inner === 1) type = Buffer.from(content).toString();
      else if (inner === 2) value = content;
    });
    if (type.endsWith('/google.rpc.RetryInfo')) delayMs = value === undefined ? 0 : durationOf(value);
  });
  return delayMs;
}

/** @returns The delay of RetryInfo { retry_delay = 1: Duration { seconds = 1, nanos = 2 } } in milliseconds. */
function durationOf(retryInfo: Uint8Array): number {
  let seconds = 0;
  let nanos = 0;
  readFields(retryInfo, (field, duration) => {
    if (field !== 1 || typeof duration === 'number') return;
    readFields(duration, (inner, value) => {
      if (typeof value !== 'number') return;
      if (inner === 1) seconds = value;
      else if (inner === 2) nanos = value;
    });
  });
  return seconds * 1000 + nanos / 1e6;
}
