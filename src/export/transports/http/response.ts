/** Reads an HTTP/1.1 response. The backend that sends it may be hostile. */

/** Limit of an answer in bytes. The rest is not read. */
export const MAX_ANSWER_BYTES = 64 * 1024;
/** The limit of Node's client (`maxHeaderSize`). */
const MAX_HEAD_BYTES = 16 * 1024;

const LINE_END = Buffer.from('\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');
const NOTHING = Buffer.alloc(0);
/** Every response begins like this. What begins otherwise is another protocol. */
const BEGINNING = 'HTTP/1.';

export interface Answer {
  readonly statusCode: number;
  /** By name in lower case; of several headers with one name the last. */
  readonly headers: Readonly<Record<string, string>>;
  /** It is empty where the answer is incomplete. */
  readonly body: Buffer;
  /** Whether the connection may be used for another request. */
  readonly isReusable: boolean;
}

/** @returns The error of Node's parser. */
function parseError(what: string, code: string): Error {
  return Object.assign(new Error(`Parse Error: ${what}`), { code: `HPE_INVALID_${code}` });
}

interface Head {
  readonly version: string;
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
}

interface Body {
  readonly content: Buffer;
  /** Whether its end is known, and nothing follows it. */
  readonly isLast: boolean;
}

/**
 * Reads one response while its pieces come. No byte is searched twice, so a backend that sends single bytes costs the
 * app's thread no more than one that sends them at once.
 */
export class AnswerReader {
  private room: Buffer = NOTHING;
  /** How many bytes have come. */
  size = 0;
  /** Position of the first byte that is not parsed yet. */
  private at = 0;
  /** What is searched for from {@link at} on does not begin before this position. */
  private searched = 0;
  private head: Head | undefined;
  private readonly chunks: Buffer[] = [];
  private isBehindChunks = false;

  /** @param bytes Must not be changed any more. */
  add(bytes: Buffer): void {
    const size = this.size + bytes.length;
    if (this.size === 0) {
      this.room = bytes; // In most cases it is the whole answer.
    } else {
      if (size > this.room.length) {
        const larger = Buffer.allocUnsafe(Math.max(size, 2 * this.room.length));
        this.room.copy(larger, 0, 0, this.size);
        this.room = larger;
      }
      bytes.copy(this.room, this.size);
    }
    this.size = size;
  }

  /**
   * @param isAll Whether no more will come.
   * @returns undefined where the response is incomplete.
   * @throws A `Parse Error` where it is no response, whatever comes.
   */
  read(isAll: boolean): Answer | undefined {
    const isFull = this.size >= MAX_ANSWER_BYTES;
    this.head ??= this.readHead();
    if (this.head === undefined) {
      if (isFull) throw parseError('Header overflow', 'HEADER');
      return undefined;
    }
    const { version, statusCode, headers } = this.head;
    const body = this.readBody(statusCode, headers, isAll || isFull);
    if (body !== undefined) {
      const isKept = version === 'HTTP/1.1' && headers.connection?.toLowerCase() !== 'close';
      return { statusCode, headers, body: body.content, isReusable: isKept && body.isLast };
    }
    // The status says enough. Only the body is incomplete.
    return isAll || isFull ? { statusCode, headers, body: NOTHING, isReusable: false } : undefined;
  }

  /** Reads the head of the response. Others, such as "100 Continue", may come before it (RFC 9110, section 15.2). */
  private readHead(): Head | undefined {
    for (;;) {
      const { at } = this;
      const beginning = this.room.toString('latin1', at, Math.min(at + BEGINNING.length, this.size));
      if (!BEGINNING.startsWith(beginning)) throw parseError('Expected HTTP/', 'CONSTANT');
      const end = this.find(HEAD_END);
      if ((end ?? this.size) - at > MAX_HEAD_BYTES) throw parseError('Header overflow', 'HEADER');
      if (end === undefined) return undefined;
      const head = headOf(this.room.toString('latin1', at, end));
      this.goTo(end + HEAD_END.length);
      if (head.statusCode >= 200) return head;
    }
  }

  /** @returns undefined where the body is incomplete (RFC 9112, section 6.3). */
  private readBody(status: number, headers: Head['headers'], isAll: boolean): Body | undefined {
    if (status === 204 || status === 304) return this.bodyUpTo(this.at);
    if (headers['transfer-encoding']?.toLowerCase() === 'chunked') return this.readChunks();
    const length = headers['content-length'];
    if (length === undefined) return isAll ? { ...this.bodyUpTo(this.size), isLast: false } : undefined;
    const size = Number(length);
    if (!Number.isSafeInteger(size) || size < 0) throw parseError('Invalid content length', 'CONTENT_LENGTH');
    return this.size - this.at < size ? undefined : this.bodyUpTo(this.at + size);
  }

  private bodyUpTo(end: number): Body {
    return { content: this.room.subarray(this.at, end), isLast: end === this.size };
  }

  /** @returns undefined where the last chunk, or the empty line after it and its trailers, has not come. */
  private readChunks(): Body | undefined {
    while (!this.isBehindChunks) {
      const lineEnd = this.find(LINE_END);
      if (lineEnd === undefined) return undefined;
      const size = Number.parseInt(this.room.toString('latin1', this.at, lineEnd), 16);
      if (!(size >= 0)) throw parseError('Invalid chunk size', 'CHUNK_SIZE');
      const start = lineEnd + LINE_END.length;
      const end = start + size;
      if (size === 0) {
        this.isBehindChunks = true;
        this.goTo(lineEnd); // Without trailers it is the first of two line ends.
      } else {
        if (this.size < end + LINE_END.length) return undefined;
        this.chunks.push(this.room.subarray(start, end));
        this.goTo(end + LINE_END.length);
      }
    }
    const end = this.find(HEAD_END);
    if (end === undefined) return undefined;
    return { content: Buffer.concat(this.chunks), isLast: end + HEAD_END.length === this.size };
  }

  private goTo(position: number): void {
    this.at = position;
    this.searched = position;
  }

  /** @returns The position of `mark` from {@link at} on. At one position it must always be called with the same mark. */
  private find(mark: Buffer): number | undefined {
    const found = this.room.subarray(0, this.size).indexOf(mark, this.searched);
    if (found >= 0) {
      this.searched = found;
      return found;
    }
    // The beginning of the mark may have come.
    this.searched = Math.max(this.at, this.size - mark.length + 1);
    return undefined;
  }
}

/** @throws A `Parse Error` where the status is invalid. */
function headOf(text: string): Head {
  const [statusLine = '', ...lines] = text.split('\r\n');
  const [version = '', status = ''] = statusLine.split(' ');
  if (!/^[1-9]\d\d$/.test(status)) throw parseError('Invalid status code', 'STATUS');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { version, statusCode: Number(status), headers };
}
