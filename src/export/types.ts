/** The contracts between the pipeline, the per-destination queues and the transports. */
import type { Destination } from '../config/types';
import type { EndedSpan, ReadableSpanView, Resource } from '../tracing/types';

/** How a destination wants its spans: encoded once per form, shared by all destinations of that form. */
export type Form = 'protobuf' | 'protobuf+openinference' | 'json' | 'json+openinference' | 'spans';

/** A closed group of spans on its way to one or more destinations. Immutable. */
export interface Batch {
  readonly form: Form;
  /** Number of its first span among those of this thread; Infinity for those of others. */
  readonly first: number;
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
  /** Of the process that made the spans, when that was another one: an earlier start that could not deliver them. */
  readonly resource: Resource | undefined;
}

/** Why something failed, and what a person can change about it. Both are parts of a sentence. */
export interface Trouble {
  readonly reason: string;
  readonly fix: string;
}

export type SendResult =
  /** The backend took it. `rejected` > 0: a partial success; those spans are dropped, never retried. */
  | {
      readonly outcome: 'delivered';
      readonly rejected: number;
      readonly message?: string;
      readonly status: string;
    }
  /** Worth another try (OTLP specification: 429/502/503/504, connection failures, gRPC's list). */
  | {
      readonly outcome: 'retry';
      readonly reason: string;
      readonly fix: string;
      readonly status: string;
      readonly retryAfterMs?: number;
    }
  /** Not worth another try. */
  | { readonly outcome: 'refused'; readonly reason: string; readonly fix: string; readonly status: string };

/** What the end of the process must know about a send that is under way. */
export interface SendProgress {
  /** The operating system has all bytes: the backend gets them even if this process ends now. */
  written: boolean;
  /** Of a batch that leaves in several packets: so many of its spans, from the first on, have left already. */
  spansWritten?: number;
}

/** Speaks one protocol to one destination. Loaded at the first send, never at preload. Never throws or rejects. */
export interface Transport {
  /** Sends one batch; settles within `timeoutMs`. Keeps no socket from letting the process end (all unref'ed). */
  send(batch: Batch, timeoutMs: number, progress?: SendProgress): Promise<SendResult>;
  /** Only where a synchronous send exists: used at the end of the process. undefined: not now, so not sent at all. */
  sendSync?(batch: Batch, timeoutMs: number): SendResult | undefined;
  /** Releases sockets. */
  close(): void | Promise<void>;
}

/** What each transport file (`export/http.ts`, `grpc.ts`, `jaeger-udp.ts`, `console.ts`, `custom.ts`) exports. */
export type CreateTransport = (destination: Destination, resource: Resource) => Transport;

/** The transport files, by name: `dist/export/<name>.cjs`. */
export type TransportName = 'http' | 'grpc' | 'jaeger-udp' | 'console' | 'custom';

/** Why a span did not reach a destination. */
export type DropReason =
  /** The queue was full: the backend was away for too long, or too slow. The oldest spans go first. */
  | 'queue_full'
  /** The backend answered that it will not have them. */
  | 'refused'
  /** A partial success: the backend took the others of the same batch. */
  | 'rejected'
  /** This batch failed again and again while others got through. */
  | 'retries_exhausted'
  /** The exporter could not be loaded. */
  | 'unusable'
  /** The span could not be encoded. */
  | 'encode_failed'
  /** Ended after shutdown(). */
  | 'after_shutdown'
  /** Still there when the process ended, or shut down, and its time was up. */
  | 'exit'
  /** Sent in full, but not answered for a long time when the process ended: the backend may or may not have them. */
  | 'unanswered'
  /** Not lost: kept in CANVASOPS_SPOOL_DIR, for the next start. */
  | 'spooled';

export type DropCounts = Partial<Record<DropReason, number>>;

export interface DestinationStats {
  readonly created: number;
  readonly delivered: number;
  /** Only for a destination that never answers (UDP): how many of `delivered` were sent, and may have arrived or not. */
  readonly sent?: number;
  readonly dropped: DropCounts;
  /** Waiting or on their way: created - delivered - all dropped. */
  readonly pending: number;
}

/**
 * The totals are those of the destination which is furthest behind, so that here, too,
 * created = delivered + dropped + pending, and a loss anywhere shows.
 */
export interface PipelineStats extends DestinationStats {
  readonly destinations: Readonly<Record<string, DestinationStats>>;
}
