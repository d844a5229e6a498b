/** Reads an HTTP/1.1 response. The backend that sends it may be hostile. */

/** Whatever a backend says beyond that is not read. */
export const MAX_ANSWER_BYTES = 64 * 1024;
/** As Node's client has it (`maxHeaderSize`). */
const MAX_HEAD_BYTES = 16 * 1024;

const LINE_END = Buffer.from('\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');
const NOTHING = Buffer.alloc(0);
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

/** As Node's parser says it. */
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
  /** It ends by itself, and there is nothing behind it. */
  readonly isLast: boolean;
}

/**
 * One response, read as its pieces come. Nothing is looked at twice: a backend that sends single bytes costs the app's
 * thread no more than one that sends them at once.
 */
export class AnswerReader {
  private room: Buffer = NOTHING;
  /** Bytes that have come. */
  size = 0;
  /** Where that begins which is not understood yet. */
  private at = 0;
  /** What is looked for behind {@link at} does not begin before it. */
  private searched = 0;
  private head: Head | undefined;
  private readonly chunks: Buffer[] = [];
  private isBehindChunks = false;

  /** @param bytes not to be changed any more */
  add(bytes: Buffer): void {
    const size = this.size + bytes.length;
    if (this.size === 0) {
      this.room = bytes; // mostly it is the whole answer
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
   * @param isAll no more will come
   * @returns undefined: there is more to come, or, where that was all, no response
   * @throws a `Parse Error` where no more can make a response of it
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
    // The status decides; only what it says beside that is incomplete.
    return isAll || isFull ? { statusCode, headers, body: NOTHING, isReusable: false } : undefined;
  }

  /** That of the response: "100 Continue" and its like come before it (RFC 9110, section 15.2). */
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

  /** undefined: not complete (RFC 9112, section 6.3). */
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

  /** undefined: the last chunk, or the empty line behind it and its trailers, has not come. */
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
        this.goTo(lineEnd); // of two line ends the first, where there are no trailers
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

  /** Where `mark` is, from {@link at} on; at one position always with the same mark. */
  private find(mark: Buffer): number | undefined {
    const found = this.room.subarray(0, this.size).indexOf(mark, this.searched);
    if (found >= 0) {
      this.searched = found;
      return found;
    }
    // Its beginning may have come.
    this.searched = Math.max(this.at, this.size - mark.length + 1);
    return undefined;
  }
}

/** @throws a `Parse Error` where the status is none */
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
