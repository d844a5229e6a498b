/** Span kinds as numbers, as the OpenTelemetry API has them (`SpanKind`), and their names. */
export const KIND_INTERNAL = 0;
export const KIND_SERVER = 1;
export const KIND_CLIENT = 2;
/** Names by number. */
export const SPAN_KINDS = ['internal', 'server', 'client', 'producer', 'consumer'] as const;
