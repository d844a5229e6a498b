/** Reads an HTTP/1.1 response out of the bytes that came so far. The backend that sent them may be hostile. */

/** Whatever a backend says beyond that is not read. */
export const MAX_ANSWER_BYTES = 64 * 1024;
/** As Node's client has it (`maxHeaderSize`). */
const MAX_HEAD_BYTES = 16 * 1024;

const HEAD_END = Buffer.from('\r\n\r\n');
const NO_BODY = Buffer.alloc(0);
/** Every response begins with it; whoever begins otherwise speaks another protocol. */
const BEGINNING = 'HTTP/1.';

export interface Answer {
  readonly statusCode: number;
  /** Names in lower case; of several headers with one name the last. */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty where it is incomplete. */
  readonly body: Buffer;
  /** The connection may take another request. */
  readonly isReusable: boolean;
}

/** Whether these bytes can be the beginning of a response. */
export function isHttp(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, BEGINNING.length);
  return bytes.toString('latin1', 0, length) === BEGINNING.slice(0, length);
}

/** As Node's parser says it. */
export function parseError(what: string, code: string): Error {
  return Object.assign(new Error(`Parse Error: ${what}`), { code: `HPE_INVALID_${code}` });
}

/**
 * @param isAll no more will come, or be read
 * @returns undefined: there is more to come, or, where that was all, no response
 * @throws a `Parse Error` where no more can make a response of it
 */
export function parseAnswer(bytes: Buffer, isAll: boolean): Answer | undefined {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd > MAX_HEAD_BYTES || (headEnd === -1 && bytes.length > MAX_HEAD_BYTES))
    throw parseError('Header overflow', 'HEADER');
  if (headEnd === -1) return undefined;
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const [version = '', status = ''] = statusLine.split(' ');
  const statusCode = Number(status);
  if (!version.startsWith(BEGINNING) || !Number.isInteger(statusCode)) return undefined;
  const rest = bytes.subarray(headEnd + HEAD_END.length);
  // "100 Continue" and its like come before the response (RFC 9110, section 15.2).
  if (statusCode >= 100 && statusCode < 200) return parseAnswer(rest, isAll);
  const headers = headersOf(lines);
  const body = bodyOf(statusCode, headers, rest, isAll);
  if (body !== undefined) {
    const isKept = version === 'HTTP/1.1' && headers.connection?.toLowerCase() !== 'close';
    return { statusCode, headers, body: body.content, isReusable: isKept && body.isLast };
  }
  // The status decides; only what it says beside that is incomplete.
  return isAll ? { statusCode, headers, body: NO_BODY, isReusable: false } : undefined;
}

function headersOf(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return headers;
}

interface Body {
  readonly content: Buffer;
  /** It ends by itself, and there is nothing behind it. */
  readonly isLast: boolean;
}

/** undefined: not complete (RFC 9112, section 6.3). */
function bodyOf(
  statusCode: number,
  headers: Readonly<Record<string, string>>,
  rest: Buffer,
  isAll: boolean,
): Body | undefined {
  if (statusCode === 204 || statusCode === 304) return { content: NO_BODY, isLast: rest.length === 0 };
  if (headers['transfer-encoding']?.toLowerCase() === 'chunked') return unchunked(rest);
  const length = headers['content-length'];
  if (length === undefined) return isAll ? { content: rest, isLast: false } : undefined;
  const size = Number(length);
  if (!Number.isSafeInteger(size) || size < 0) throw parseError('Invalid content length', 'CONTENT_LENGTH');
  if (rest.length < size) return undefined;
  return { content: rest.subarray(0, size), isLast: rest.length === size };
}

/** undefined: the last chunk, or the empty line behind it and its trailers, has not come. */
function unchunked(bytes: Buffer): Body | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (!(size >= 0)) throw parseError('Invalid chunk size', 'CHUNK_SIZE');
    const start = lineEnd + 2;
    if (size === 0) {
      // Straight behind the last chunk, or behind trailers.
      const end = bytes.indexOf('\r\n', start) === start ? start + 2 : endOfTrailers(bytes, start);
      if (end === undefined) return undefined;
      return { content: Buffer.concat(chunks), isLast: end === bytes.length };
    }
    if (bytes.length < start + size + 2) return undefined;
    chunks.push(bytes.subarray(start, start + size));
    at = start + size + 2;
  }
}

function endOfTrailers(bytes: Buffer, from: number): number | undefined {
  const end = bytes.indexOf(HEAD_END, from);
  return end === -1 ? undefined : end + HEAD_END.length;
}
