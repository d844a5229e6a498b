/** The types that the pipeline, the delivery and the transports share. */
import type { Destination } from '../config/types';
import type { EndedSpan, ReadableSpanView, Resource } from '../tracing/types';

/** The form in which a destination gets its spans. Spans are encoded once per form, for all its destinations. */
export type Form = 'protobuf' | 'protobuf+openinference' | 'json' | 'json+openinference' | 'spans';

/** A group of spans on the way to one or more destinations. Immutable. */
export interface Batch {
  readonly form: Form;
  /** Number of its first span among those of this thread; Infinity for spans of other threads. */
  readonly first: number;
  readonly spanCount: number;
  /** Memory in bytes, which counts for the queue's limit. For the form `spans` it is an estimate. */
  readonly bytes: number;
  /**
   * Encoded forms: the `scope_spans` part of one `ResourceSpans`, without the resource, in pieces that are
   * to be concatenated (protobuf: each piece is a complete field 2 of ResourceSpans; json: each piece is
   * the text of one `scopeSpans` array element). Empty for the form `spans`.
   */
  readonly pieces: readonly Uint8Array[];
  /** The form `spans` only. */
  readonly spans: readonly (EndedSpan & ReadableSpanView)[];
  /** Of the process that made the spans, where an earlier start could not deliver them. Otherwise undefined. */
  readonly resource: Resource | undefined;
}

/** Why something failed, and what a person can change about it. Both are parts of a sentence. */
export interface Trouble {
  readonly reason: string;
  readonly fix: string;
}

export type SendResult =
  /** The backend took it. With `rejected` > 0 it is a partial success. Those spans are dropped, never retried. */
  | {
      readonly outcome: 'delivered';
      readonly rejected: number;
      readonly message?: string;
      readonly status: string;
    }
  /** It may be tried again (OTLP specification: 429/502/503/504, connection failures, gRPC's list). */
  | {
      readonly outcome: 'retry';
      readonly reason: string;
      readonly fix: string;
      readonly status: string;
      readonly retryAfterMs?: number;
    }
  /** It must not be tried again. */
  | { readonly outcome: 'refused'; readonly reason: string; readonly fix: string; readonly status: string };

/** What the end of the process must know about a batch that is being sent. */
export interface SendProgress {
  /** Whether the operating system has all bytes. The backend gets them even if this process ends now. */
  written: boolean;
  /** Of a batch that is sent in several packets: how many of its spans, from the first on, have been sent. */
  spansWritten?: number;
}

/** Speaks one protocol to one destination. It is loaded at the first send, never at preload. It never throws or rejects. */
export interface Transport {
  /**
   * Sends one batch. Its sockets do not keep the process alive.
   *
   * @param timeoutMs Limit in milliseconds. The promise settles within it.
   * @param progress Updated while the batch is being sent.
   */
  send(batch: Batch, timeoutMs: number, progress?: SendProgress): Promise<SendResult>;
  /**
   * Sends one batch synchronously, at the end of the process. Only some transports can do that.
   *
   * @param timeoutMs Limit in milliseconds.
   * @returns undefined where it is not possible now. The batch has not been sent then.
   */
  sendSync?(batch: Batch, timeoutMs: number): SendResult | undefined;
  /** Closes the sockets. */
  close(): void | Promise<void>;
}

/** What each file `export/transports/<name>.ts` exports as `createTransport`. */
export type CreateTransport = (destination: Destination, resource: Resource) => Transport;

/** The transports, by the name of their file: `dist/export/transports/<name>.cjs`. */
export type TransportName = 'http' | 'grpc' | 'jaeger-udp' | 'console' | 'custom';

/** Why a span did not reach a destination. */
export type DropReason =
  /** The queue was full, because the backend was away for too long or too slow. The oldest spans are dropped first. */
  | 'queue_full'
  /** The backend has refused them. */
  | 'refused'
  /** The backend took the other spans of the same batch (a partial success). */
  | 'rejected'
  /** The batch failed many times while other batches succeeded. */
  | 'retries_exhausted'
  /** The exporter, or what sends spans at all, could not be loaded. */
  | 'unusable'
  /** The span could not be encoded. */
  | 'encode_failed'
  /** The span ended after shutdown(). */
  | 'after_shutdown'
  /** It was not sent when the time of the end of the process, or of shutdown(), was up. */
  | 'exit'
  /** It was sent completely and not answered for a long time when the process ended. The backend may have it or not. */
  | 'unanswered'
  /** It is not lost, but kept in CANVASOPS_SPOOL_DIR for the next start. */
  | 'spooled';

export type DropCounts = Partial<Record<DropReason, number>>;

export interface DestinationStats {
  readonly created: number;
  readonly delivered: number;
  /** Only of a destination that never answers (UDP): how many were sent, whether they arrived or not. */
  readonly sent?: number;
  readonly dropped: DropCounts;
  /** Waiting or being sent: created - delivered - all dropped. */
  readonly pending: number;
}

/**
 * The totals are those of the destination that has taken the fewest spans. So created = delivered + dropped + pending is
 * true here as well, and a loss at any destination shows.
 */
export interface PipelineStats extends DestinationStats {
  readonly destinations: Readonly<Record<string, DestinationStats>>;
}
