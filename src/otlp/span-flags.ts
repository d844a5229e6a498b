/** `Span.flags` and `Link.flags` of opentelemetry/proto/trace/v1: W3C flags in the low byte, then two bits of OTLP. */
const TRACE_FLAGS_MASK = 0xff;
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

export function spanFlags(traceFlags: number, isRemote: boolean): number {
  return (traceFlags & TRACE_FLAGS_MASK) | HAS_IS_REMOTE | (isRemote ? IS_REMOTE : 0);
}
