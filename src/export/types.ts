/** The contracts between the pipeline, the per-destination queues and the transports. */
import type { Destination } from '../config/types';
import type { EndedSpan, ReadableSpanView, Resource } from '../tracing/types';

/** How a destination wants its spans: encoded once per form, shared by all destinations of that form. */
export type Form = 'protobuf' | 'protobuf+openinference' | 'json' | 'json+openinference' | 'spans';

/** A closed group of spans on its way to one or more destinations. Immutable. */
export interface Batch {
  readonly form: Form;
  readonly spanCount: number;
  /** Memory held, in bytes (an estimate for the form `spans`); what the queue's cap counts. */
  readonly bytes: number;
  /**
   * Encoded forms: the `scope_spans` part of one `ResourceSpans`, without the resource, in pieces that are
   * to be concatenated (protobuf: each piece is a complete field 2 of ResourceSpans; json: each piece is
   * the text of one `scopeSpans` array element). Empty for the form `spans`.
   */
  readonly pieces: readonly Uint8Array[];
  /** The form `spans` only. */
  readonly spans: readonly (EndedSpan & ReadableSpanView)[];
}

export type SendResult =
  /** The backend took it. `rejected` > 0: a partial success; those spans are dropped, never retried. */
  | { readonly outcome: 'delivered'; readonly rejected: number; readonly message?: string; readonly status: string }
  /** Worth another try (OTLP specification: 429/502/503/504, connection failures, gRPC's list). */
  | { readonly outcome: 'retry'; readonly reason: string; readonly fix: string; readonly status: string; readonly retryAfterMs?: number }
  /** Not worth another try. */
  | { readonly outcome: 'refused'; readonly reason: string; readonly fix: string; readonly status: string };

/** Speaks one protocol to one destination. Loaded at the first send, never at preload. Never throws or rejects. */
export interface Transport {
  /** Sends one batch; settles within `timeoutMs`. Keeps no socket from letting the process end (all unref'ed). */
  send(batch: Batch, timeoutMs: number): Promise<SendResult>;
  /** Only where a synchronous send exists (console): used in the exit handler. */
  sendSync?(batch: Batch): SendResult;
  /** Releases sockets. */
  close(): void | Promise<void>;
}

/** What each transport file (`export/http.ts`, `grpc.ts`, `jaeger-udp.ts`, `console.ts`, `custom.ts`) exports. */
export type CreateTransport = (destination: Destination, resource: Resource) => Transport;
