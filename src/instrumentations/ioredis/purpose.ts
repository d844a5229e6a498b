/** What a command is for, where it is not for the app itself. */
import type { Around } from '../define';
import { isCalledByPackage } from '../operations/caller';
import type { Purpose } from '../operations/require-parent';
import { createStamp } from '../operations/stamp';
import type { Command } from './client';

/** The package whose own frames lie between a command and its caller. */
const IOREDIS = 'ioredis';

/** Commands that the server answers when something has happened (https://redis.io/docs/latest/commands/). */
const BLOCKING: ReadonlySet<string> = new Set([
  'blmove',
  'blmpop',
  'blpop',
  'brpop',
  'brpoplpush',
  'bzmpop',
  'bzpopmax',
  'bzpopmin',
  'wait',
  'waitaof',
]);

/** They wait if they are told to. */
const READING: ReadonlySet<string> = new Set(['xread', 'xreadgroup']);
/** BLOCK stands before the streams and consumers that are named. */
const MAX_OPTIONS = 8;

const CONNECTION: ReadonlySet<string> = new Set([
  'auth',
  'client',
  'cluster',
  'command',
  'hello',
  'info',
  'ping',
  'psubscribe',
  'punsubscribe',
  'quit',
  'readonly',
  'readwrite',
  'reset',
  'role',
  'script',
  'select',
  'ssubscribe',
  'subscribe',
  'sunsubscribe',
  'unsubscribe',
]);

export function purposeOfCommand({ name, args }: Command): Purpose | undefined {
  const command = name.toLowerCase();
  if (BLOCKING.has(command) || (READING.has(command) && args.slice(0, MAX_OPTIONS).some(isBlock)))
    return 'blocking';
  return CONNECTION.has(command) ? 'connection' : undefined;
}

function isBlock(argument: unknown): boolean {
  return typeof argument === 'string' && argument.toLowerCase() === 'block';
}

/**
 * Clients that a package works with for purposes of its own: one that has defined scripts on it, as queues do (bull,
 * BullMQ). The app may share the client, so there the caller of each command without a parent tells whose it is.
 * Everywhere else packages pass on what the app asks (a cache, a session store), and their commands are the app's.
 */
export class LibraryClients {
  private readonly clients = createStamp<true>();

  readonly aroundDefine: Around<object, never> = {
    before: (client) => {
      if (this.clients.get(client) === undefined && isCalledByPackage(IOREDIS))
        this.clients.set(client, true);
      return undefined;
    },
  };

  /** Whether a package is calling `client` right now, and for itself. */
  isCalling(client: object): boolean {
    return this.clients.get(client) === true && isCalledByPackage(IOREDIS);
  }
}
