/** What of the app's user object may leave the process: an opaque id, and nothing else. */
import { type Sanitized, sanitizeName } from '../../redaction/sanitized';
import { safeGet } from '../../tracing/attributes';

/** Where authentication libraries keep the id; the first that holds one is taken. */
const ID_KEYS = ['id', '_id', 'sub', 'userId', 'user_id', 'uid'] as const;
/** A longer one is a token or a document rather than an id. */
const MAX_ID = 128;

/**
 * The id of what stands in `request.user`. A getter there is not called: it is the app's, and may look the user up.
 * @returns undefined where there is no user, or none whose id may leave the process. Never throws.
 */
export function userIdIn(request: object): Sanitized | undefined {
  try {
    if (!('user' in request)) return undefined;
    let owner: object | null = request;
    while (owner !== null && !Object.hasOwn(owner, 'user'))
      owner = Object.getPrototypeOf(owner) as object | null;
    return userIdOf(owner === null ? undefined : Object.getOwnPropertyDescriptor(owner, 'user')?.value);
  } catch {
    return undefined; // a Proxy that refuses
  }
}

/** The id of a user. Never throws: getters and Proxies may. */
export function userIdOf(user: unknown): Sanitized | undefined {
  if (typeof user !== 'object' || user === null) return undefined;
  for (const key of ID_KEYS) {
    const id = opaqueId(safeGet(user, key));
    if (id !== undefined) return sanitizeName(id);
  }
  return undefined;
}

function opaqueId(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      // An e-mail address identifies a person to anyone who reads it.
      return value !== '' && value.length <= MAX_ID && !value.includes('@') ? value : undefined;
    case 'number':
      return Number.isFinite(value) ? String(value) : undefined;
    case 'bigint':
      return String(value).slice(0, MAX_ID);
    default:
      return undefined;
  }
}
