import { largestSpan } from '../../../otlp/largest-span';
import { cutText } from '../../../text/cut';
import type { Batch, SendResult } from '../../types';

/** The default limit of a message in all gRPC servers, in bytes. */
const USUAL_GRPC_LIMIT = 4 * 1024 * 1024;
/** Parts of the error message for a message above the limit: of servers in Go and C++, and of servers in Java. */
const SAID_OF_SIZE = ['larger than max', 'exceeds maximum size'];
const MAX_NAME_CHARS = 80;
const MEBIBYTE = 1024 * 1024;

/**
 * Explains that the backend refused a batch because one span is too large, so that a smaller batch would not help.
 *
 * @returns A result that names the span and its largest part; the same result where it is not about that.
 */
export function withTooLargeSpan(result: SendResult, batch: Batch): SendResult {
  if (result.outcome !== 'refused' || !isAboutSize(result, batch)) return result;
  const span = batch.form.startsWith('protobuf') ? largestSpan(batch.pieces) : undefined;
  if (span === undefined || span.bytes * 2 < batch.bytes) return result;
  const { part } = span;
  const most =
    part === undefined ? '' : `, ${sizeOf(part.bytes)} of it in its ${part.kind} ${named(part.name)}`;
  return {
    ...result,
    reason: `${result.reason}; one span, ${named(span.name)}, takes ${sizeOf(span.bytes)}${most}`,
    fix: 'limit the length of attributes with OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT, or raise the limit of the backend; a smaller batch does not help',
  };
}

function isAboutSize({ status, reason }: { status: string; reason: string }, { bytes }: Batch): boolean {
  if (status === '413') return true;
  if (status !== 'RESOURCE_EXHAUSTED') return false;
  return bytes > USUAL_GRPC_LIMIT || SAID_OF_SIZE.some((words) => reason.includes(words));
}

function named(name: string): string {
  return `\`${cutText(name, MAX_NAME_CHARS)}\``;
}

function sizeOf(bytes: number): string {
  return bytes < MEBIBYTE / 10 ? `${bytes} bytes` : `${(bytes / MEBIBYTE).toFixed(1)} MiB`;
}
