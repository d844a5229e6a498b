/** Reads the body of a backend's answer. The backend may be hostile, so what is decompressed is limited. */
import { gunzip } from 'node:zlib';
import { readFields } from '../../../otlp/protobuf-reader';
import { type PartialSuccess, parseJsonResponse, parseProtobufResponse } from '../../../otlp/response';
import { type Answer, MAX_ANSWER_BYTES } from './response';

const NO_BODY = Buffer.alloc(0);

/**
 * Decompresses an answer, although we ask for no compression.
 *
 * @returns The body, up to {@link MAX_ANSWER_BYTES}; empty where it is larger or cannot be decompressed.
 */
export function decompressed({ body, headers }: Answer): Promise<Buffer> {
  const encoding = headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity' || body.length === 0) return Promise.resolve(body);
  if (encoding !== 'gzip') return Promise.resolve(NO_BODY);
  return new Promise((resolve) => {
    gunzip(body, { maxOutputLength: MAX_ANSWER_BYTES }, (error, plain) =>
      resolve(error === null ? plain : NO_BODY),
    );
  });
}

/** @returns How many spans the backend rejected, and its message. */
export function partialSuccessOf(contentType: string, body: Buffer): PartialSuccess {
  return contentType.includes('json') ? parseJsonResponse(body) : parseProtobufResponse(body);
}

/** @returns The error message in the body, which is a google.rpc.Status (protobuf or JSON) or plain text; '' without one. */
export function saidBy(contentType: string, body: Buffer): string {
  let text = '';
  if (contentType.includes('json')) {
    text = messageMember(body.toString());
  } else if (contentType.includes('protobuf')) {
    readFields(body, (field, value) => {
      if (field === 2 && typeof value !== 'number') text = Buffer.from(value).toString();
    });
  } else if (contentType.startsWith('text/plain')) {
    text = body.toString();
  }
  return text.trim();
}

function messageMember(json: string): string {
  try {
    const parsed: unknown = JSON.parse(json);
    const { message } = (parsed ?? {}) as { message?: unknown };
    return typeof message === 'string' ? message : '';
  } catch {
    return '';
  }
}
