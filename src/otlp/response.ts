/**
 * What a backend answers: ExportTraceServiceResponse { partial_success = 1 { rejected_spans = 1,
 * error_message = 2 } }. The answer may be hostile: whatever cannot be read counts as "nothing said".
 */
import { cutText } from '../text/cut';
import { readFields } from './protobuf-reader';

export interface PartialSuccess {
  /** As the backend says; not yet compared with what was sent. */
  readonly rejected: number;
  readonly message: string;
}

const NOTHING: PartialSuccess = { rejected: 0, message: '' };
const MAX_MESSAGE_CHARS = 500;

export function parseProtobufResponse(body: Uint8Array): PartialSuccess {
  let rejected = 0;
  let message = '';
  readFields(body, (field, value) => {
    if (field !== 1 || typeof value === 'number') return;
    readFields(value, (inner, content) => {
      if (inner === 1 && typeof content === 'number') rejected = content;
      else if (inner === 2 && typeof content !== 'number') message = Buffer.from(content).toString();
    });
  });
  return { rejected, message: cutText(message, MAX_MESSAGE_CHARS) };
}

export function parseJsonResponse(body: Uint8Array): PartialSuccess {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(body).toString());
  } catch {
    return NOTHING;
  }
  const partial = member(parsed, 'partialSuccess');
  const rejected = Number(member(partial, 'rejectedSpans') ?? 0);
  const message = member(partial, 'errorMessage');
  return {
    rejected: Number.isFinite(rejected) ? rejected : 0,
    message: typeof message === 'string' ? cutText(message, MAX_MESSAGE_CHARS) : '',
  };
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
