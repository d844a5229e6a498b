/** `db.query.text` of commands that are a name and arguments: names and keys stay, values are `?`. */
import { cutText } from '../../text/cut';
import type { Sanitized } from '../sanitized';
import { maskSecrets } from '../secrets/patterns';

/** Each bounds what one command can cost, however many keys it has. */
const MAX_ARGUMENTS = 64;
const MAX_KEY = 128;
const MAX_TEXT = 1024;
const MAX_NAME = 32;
const CUT_MARK = ' ...';

/**
 * A command without its values. Never throws, and never calls anything of the arguments: strings, numbers and bytes are
 * shown, all else is `?`.
 * @param command see {@link commandName}
 * @param pattern which arguments stay: `k` stays, `v` is masked, what stands behind `*` repeats
 */
export function describeCommand(
  command: Sanitized | '',
  args: readonly unknown[],
  pattern: string,
): Sanitized {
  const name = command || '?';
  try {
    return describe(name, args, pattern) as Sanitized;
  } catch {
    // Proxies and getters can throw anything.
    return name as Sanitized;
  }
}

function describe(command: string, args: readonly unknown[], pattern: string): string {
  const star = pattern.indexOf('*');
  const cycle = pattern.length - star - 1;
  const count = Math.min(args.length, MAX_ARGUMENTS);
  let text = command;
  for (let i = 0; i < count; i++) {
    const at = i < star ? i : star + 1 + ((i - star) % cycle);
    text += pattern.charCodeAt(at) === 107 /* k */ ? ` ${keyText(args[i])}` : ' ?';
    if (text.length > MAX_TEXT) return cutText(text, MAX_TEXT) + CUT_MARK;
  }
  return args.length > count ? text + CUT_MARK : text;
}

/** '' for what is no name of a command: an app that calls `call('SET k secret')` has a value in it. */
export function commandName(name: string): Sanitized | '' {
  if (typeof name !== 'string' || name.length > MAX_NAME) return '';
  for (let i = 0; i < name.length; i++) {
    const c = name.charCodeAt(i);
    const isLetter = (c | 32) >= 97 && (c | 32) <= 122;
    if (!isLetter && (c < 48 || c > 57) && c !== 46 && c !== 95 && c !== 45) return '';
  }
  return name as Sanitized;
}

function keyText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return clean(value);
    case 'number':
    case 'bigint':
      return String(value);
    default:
      return value instanceof Uint8Array
        ? clean(Buffer.from(value.subarray(0, MAX_KEY)).toString('utf8'))
        : '?';
  }
}

/** A key on one line, short, and without tokens that somebody made a part of it. */
function clean(key: string): string {
  const text = key.length > MAX_KEY ? `${cutText(key, MAX_KEY)}...` : key;
  let out = '';
  let flushed = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c >= 32 && c !== 127) continue;
    out += `${text.slice(flushed, i)} `;
    flushed = i + 1;
  }
  return maskSecrets(flushed === 0 ? text : out + text.slice(flushed));
}
