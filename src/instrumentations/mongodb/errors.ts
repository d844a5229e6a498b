/** What a server of MongoDB says of failures. */
import { safeGet } from '../../tracing/attributes';

/** An answer that has not been parsed yet (lib/cmap/wire_protocol/responses.js, 6.6 and later). */
interface LazyReply {
  has(name: string): boolean;
  toObject(): object;
}

/** In answers that are successes. */
const ERRORS = ['writeErrors', 'writeConcernError'];

/** The number that the server gives its error; undefined where the error is not the server's. */
export function serverErrorCode(error: unknown): string | undefined {
  const name = safeGet(error, 'name');
  if (typeof name !== 'string' || !name.startsWith('Mongo')) return undefined;
  const code = safeGet(error, 'code');
  return typeof code === 'number' ? String(code) : undefined;
}

/** The first error of a document, or that of the write concern. */
export function errorInReply(reply: unknown): unknown {
  if (typeof reply !== 'object' || reply === null) return undefined;
  const document = isLazy(reply) ? parsedIfFailed(reply) : reply;
  const [writeError] = (safeGet(document, 'writeErrors') ?? []) as readonly unknown[];
  const error = writeError ?? safeGet(document, 'writeConcernError');
  if (typeof error !== 'object' || error === null) return undefined;
  // What the driver throws for it comes later, and may be about several of them.
  return {
    name: writeError === undefined ? 'MongoWriteConcernError' : 'MongoServerError',
    message: safeGet(error, 'errmsg'),
    code: safeGet(error, 'code'),
  };
}

function isLazy(reply: object): reply is LazyReply {
  return 'toObject' in reply && 'has' in reply;
}

function parsedIfFailed(reply: LazyReply): object | undefined {
  return ERRORS.some((name) => reply.has(name)) ? reply.toObject() : undefined;
}
