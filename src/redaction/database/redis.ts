/** `db.query.text` of Redis commands: names, keys and fields stay, values are `?`. */
import { cutText } from '../../text/cut';
import type { Sanitized } from '../sanitized';
import { maskSecrets } from '../secrets/patterns';

/** Each bounds what one command can cost, however many keys it has. */
const MAX_ARGUMENTS = 64;
const MAX_KEY = 128;
const MAX_TEXT = 1024;
/** A batch's text grows no further. */
const MAX_BATCH = 4096;
const MAX_NAME = 32;
const CUT_MARK = ' ...';

/**
 * Which arguments stay, by command (https://redis.io/docs/latest/commands/): `k` stays, `v` is masked, what stands
 * behind `*` repeats. Of commands that are not here (AUTH, EVAL, ECHO, MIGRATE, those of modules) nothing stays but
 * the name and the number of arguments.
 */
const PATTERNS: readonly (readonly [pattern: string, commands: string])[] = [
  // one key, then values
  [
    'k*v',
    'APPEND BITCOUNT BITFIELD BITFIELD_RO BITPOS DECR DECRBY DUMP EXPIRE EXPIREAT EXPIRETIME GEOADD GEODIST GEOHASH ' +
      'GEOPOS GEORADIUS GEORADIUSBYMEMBER GEORADIUSBYMEMBER_RO GEORADIUS_RO GEOSEARCH GET GETBIT GETDEL GETEX ' +
      'GETRANGE GETSET HGETALL HKEYS HLEN HRANDFIELD HSCAN HVALS INCR INCRBY INCRBYFLOAT LINDEX LINSERT LLEN LPOP ' +
      'LPOS LPUSH LPUSHX LRANGE LREM LSET LTRIM MOVE PERSIST PEXPIRE PEXPIREAT PEXPIRETIME PFADD PSETEX PTTL PUBLISH ' +
      'RESTORE RPOP RPUSH RPUSHX SADD SCARD SELECT SET SETBIT SETEX SETNX SETRANGE SISMEMBER SMEMBERS SMISMEMBER ' +
      'SORT SORT_RO SPOP SPUBLISH SRANDMEMBER SREM SSCAN STRLEN SUBSTR TTL TYPE XACK XADD XAUTOCLAIM XCLAIM XDEL XLEN ' +
      'XPENDING XRANGE XREVRANGE XTRIM ZADD ZCARD ZCOUNT ZDIFFSTORE ZINCRBY ZINTERSTORE ZLEXCOUNT ZMSCORE ZPOPMAX ' +
      'ZPOPMIN ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANK ZREM ZREMRANGEBYLEX ZREMRANGEBYRANK ' +
      'ZREMRANGEBYSCORE ZREVRANGE ZREVRANGEBYLEX ZREVRANGEBYSCORE ZREVRANK ZSCAN ZSCORE ZUNIONSTORE',
  ],
  // two keys, or a key and a field, then values
  ['kk*v', 'BLMOVE BRPOPLPUSH COPY GEOSEARCHSTORE HEXISTS HGET HINCRBY HINCRBYFLOAT HSETNX HSTRLEN LMOVE'],
  ['kk*v', 'RPOPLPUSH SMOVE ZRANGESTORE'],
  // only keys, or a key and fields
  [
    '*k',
    'BITOP BLPOP BRPOP BZPOPMAX BZPOPMIN DEL EXISTS HDEL HMGET MGET PFCOUNT PFMERGE PSUBSCRIBE PUNSUBSCRIBE RENAME ' +
      'RENAMENX SDIFF SDIFFSTORE SINTER SINTERSTORE SSUBSCRIBE SUBSCRIBE SUNION SUNIONSTORE SUNSUBSCRIBE TOUCH UNLINK ' +
      'UNSUBSCRIBE WATCH',
  ],
  ['k*kv', 'HMSET HSET'],
  ['*kv', 'MSET MSETNX'],
  // a subcommand or a hash; behind it there may be passwords, settings, scripts
  [
    'k*v',
    'ACL CLIENT CLUSTER COMMAND CONFIG EVALSHA EVALSHA_RO FCALL FCALL_RO FUNCTION HELLO LATENCY MODULE PUBSUB',
  ],
  ['k*v', 'SCRIPT SLOWLOG'],
  ['kk*v', 'MEMORY OBJECT XGROUP XINFO'],
];

const byCommand = new Map<string, string>();
for (const [pattern, commands] of PATTERNS) {
  for (const command of commands.split(' ')) byCommand.set(command, pattern);
}

/**
 * A command without its values, `HSET user:1 name ?`. Never throws, and never calls anything of the arguments:
 * strings, numbers and bytes are shown, all else is `?`.
 */
export function describeRedisCommand(name: string, args: readonly unknown[]): Sanitized {
  const command = redisCommandName(name) || '?';
  try {
    return describe(command, args) as Sanitized;
  } catch {
    // Proxies and getters can throw anything.
    return command as Sanitized;
  }
}

/** A pipeline or a transaction; `...` behind it says that something is missing. */
export function describeRedisCommands(
  commands: readonly { readonly name: string; readonly args: readonly unknown[] }[],
): Sanitized {
  let text = '';
  for (const { name, args } of commands) {
    if (text.length >= MAX_BATCH) return `${cutText(text, MAX_BATCH)}...` as Sanitized;
    text += `${text === '' ? '' : '; '}${describeRedisCommand(name, args)}`;
  }
  return text as Sanitized;
}

function describe(command: string, args: readonly unknown[]): string {
  const pattern = byCommand.get(command) ?? '*v';
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

/** In upper case; '' for what is no name of a command: an app that calls `call('SET k secret')` has a value in it. */
export function redisCommandName(name: string): Sanitized | '' {
  if (typeof name !== 'string' || name.length > MAX_NAME) return '';
  for (let i = 0; i < name.length; i++) {
    const c = name.charCodeAt(i);
    const isLetter = (c | 32) >= 97 && (c | 32) <= 122;
    if (!isLetter && (c < 48 || c > 57) && c !== 46 && c !== 95 && c !== 45) return '';
  }
  return name.toUpperCase() as Sanitized;
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
