/** One outgoing HTTP request, from the moment its span exists until that ends: exactly once, whatever happens. */
import { safeMessage, sanitizeErrorType } from '../../redaction/error-text';
import { type Sanitized, sanitizeName, trusted } from '../../redaction/sanitized';
import { errorFacts } from '../../tracing/exception';
import {
  ERROR_TYPE,
  HTTP_RESPONSE_STATUS_CODE,
  NETWORK_PROTOCOL_VERSION,
  STATUS_ERROR,
} from '../../tracing/semconv';
import type { RecordingSpan } from '../../tracing/span';
import { type Peer, putPeer } from './peer';
import type { OpenAnswers } from './unread-responses';

const SWITCHING_PROTOCOLS = 101;

export class HttpClientOperation {
  private isSent = false;
  private isAnswered = false;
  private isRefused = false;

  constructor(
    readonly span: RecordingSpan,
    private readonly openAnswers: OpenAnswers,
  ) {}

  /** The connection on which the request is sent. */
  sent(peer: Peer, protocolVersion: string): void {
    // Sent a second time: the first connection closed before this one's turn in the pipeline came.
    if (this.isSent || this.span.ended) return;
    this.isSent = true;
    putPeer(this.span, peer);
    this.span.put(NETWORK_PROTOCOL_VERSION, trusted(protocolVersion));
  }

  /** The answer's headers are there. Interim ones (100 Continue, 103 Early Hints) are not the answer. */
  answered(statusCode: number): boolean {
    if (this.isAnswered || (statusCode < 200 && statusCode !== SWITCHING_PROTOCOLS)) return false;
    this.isAnswered = true;
    this.span.put(HTTP_RESPONSE_STATUS_CODE, statusCode);
    if (statusCode >= 400) {
      this.isRefused = true;
      this.span.put(ERROR_TYPE, sanitizeName(String(statusCode)));
      this.span.setStatus({ code: STATUS_ERROR });
    }
    // After it the connection is no longer HTTP, and how long it lives says nothing about this request.
    if (statusCode === SWITCHING_PROTOCOLS) this.end();
    else this.openAnswers.add(this.span);
    return true;
  }

  /** Nobody may tell how this goes on (some versions of undici are silent about upgrades). */
  mayStayOpen(): void {
    this.openAnswers.add(this.span);
  }

  /** The answer was read to its end. */
  end(): void {
    this.openAnswers.delete(this.span);
    this.span.end();
  }

  /** It failed, before or while the answer came. That the app no longer wants it is no failure. */
  fail(error: unknown): void {
    const { span } = this;
    if (span.ended) return;
    const facts = errorFacts(error);
    // undici and node:http fail with Errors; anything else is what the app gave to abort() or cancel(). After an
    // answer that is an error by its status, that is the failure; what follows is a consequence (undici's retry
    // and responseError handlers refuse such answers by an error of their own).
    if (facts.type !== 'AbortError' && typeof error === 'object' && error !== null && !this.isRefused) {
      span.replace(ERROR_TYPE, codeOf(error) ?? facts.type);
      span.recordException(error as Error);
      span.setStatus({ code: STATUS_ERROR, message: safeMessage(error, facts) });
    }
    this.end();
  }
}

/** `ECONNREFUSED` says more than `Error` or `AggregateError`, and is the same in every version of a client. */
function codeOf(error: object): Sanitized | undefined {
  try {
    const { code } = error as { code?: unknown };
    return typeof code === 'string' && code !== '' ? sanitizeErrorType(code) : undefined;
  } catch {
    return undefined;
  }
}
