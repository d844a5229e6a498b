/** Attribute keys as the bytes of `KeyValue.key` (tag, length, text), so that a key is encoded once. */
const KEY_TAG = 0x0a;
/** An app may make up keys without end (ids in keys); the cache then starts anew instead of growing. */
const MAX_KEYS = 1024;
/** Longer keys are data, not names: kept out. */
const MAX_KEY_CHARS = 128;

const cache = new Map<string, Uint8Array>();

export function encodedKey(key: string): Uint8Array {
  const known = cache.get(key);
  return known === undefined ? encodeKey(key) : known;
}

function encodeKey(key: string): Uint8Array {
  const size = Buffer.byteLength(key);
  const header = [KEY_TAG];
  let rest = size;
  while (rest > 0x7f) {
    header.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  header.push(rest);
  const bytes = new Uint8Array(header.length + size);
  bytes.set(header);
  bytes.set(Buffer.from(key), header.length);
  if (key.length <= MAX_KEY_CHARS) {
    if (cache.size >= MAX_KEYS) cache.clear();
    cache.set(key, bytes);
  }
  return bytes;
}
