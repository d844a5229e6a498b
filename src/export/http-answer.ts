/** The body of a backend's answer, which may be hostile: read up to a bound, decompressed up to a bound. */
import type http from 'node:http';
import { gunzip } from 'node:zlib';
import { readFields } from '../otlp/protobuf-reader';
import { type PartialSuccess, parseJsonResponse, parseProtobufResponse } from '../otlp/response';

const MAX_ANSWER_BYTES = 64 * 1024;
const NO_BODY = Buffer.alloc(0);

/** Calls back once with the body, or with what there is of it as soon as it breaks off or exceeds the bound. */
export function readAnswer(response: http.IncomingMessage, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  let finished = false;
  const finish = (): void => {
    if (finished) return;
    finished = true;
    decompress(Buffer.concat(chunks), response.headers['content-encoding'], done);
  };
  response.on('data', (chunk: Buffer) => {
    if (finished) return;
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) {
      chunks.length = 0; // cut off, it would not parse
      response.destroy();
      finish();
    } else {
      chunks.push(chunk);
    }
  });
  response.on('end', finish);
  response.on('close', finish);
  response.on('error', finish);
}

/** We ask for no compression; who compresses all the same is humoured up to the bound. */
function decompress(body: Buffer, encoding: string | undefined, done: (body: Buffer) => void): void {
  if (encoding === undefined || encoding === 'identity' || body.length === 0) {
    done(body);
  } else if (encoding === 'gzip') {
    gunzip(body, { maxOutputLength: MAX_ANSWER_BYTES }, (error, plain) =>
      done(error === null ? plain : NO_BODY),
    );
  } else {
    done(NO_BODY);
  }
}

export function partialSuccessOf(contentType: string, body: Buffer): PartialSuccess {
  return contentType.includes('json') ? parseJsonResponse(body) : parseProtobufResponse(body);
}

/** The error message in the body of a refusal: a google.rpc.Status (protobuf or JSON) or plain text. */
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
