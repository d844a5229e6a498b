/** `db.query.text` of Redis commands: names, keys and fields stay, values are `?`. */
import { cutText } from '../../text/cut';
import type { Sanitized } from '../sanitized';
import { commandName, describeCommand } from './command';

/** A batch's text grows no further. */
const MAX_BATCH = 4096;

/**
 * Which arguments stay, by command (https://redis.io/docs/latest/commands/), as patterns of {@link describeCommand}. Of
 * commands that are not here (AUTH, EVAL, ECHO, MIGRATE, those of modules) nothing stays but
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

/** `HSET user:1 name ?` */
export function describeRedisCommand(name: string, args: readonly unknown[]): Sanitized {
  const command = redisCommandName(name);
  return describeCommand(command, args, byCommand.get(command) ?? '*v');
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

/** In upper case; '' for what is no name of a command. */
export function redisCommandName(name: string): Sanitized | '' {
  return commandName(name).toUpperCase() as Sanitized | '';
}
