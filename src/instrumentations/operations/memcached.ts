/** What clients of memcached share: its commands in words that may leave the process, and what they are for. */
import { describeMemcachedCommand, memcachedCommandName } from '../../redaction/database/memcached';
import type { Sanitized } from '../../redaction/sanitized';
import { CommandOperation } from './commands';
import { type DatabaseServer, describeServer, type ServerFacts } from './database';
import type { Purpose } from './require-parent';

/** They ask about the server, not for data (https://github.com/memcached/memcached/blob/master/doc/protocol.txt). */
const CONNECTION: ReadonlySet<string> = new Set(['noop', 'quit', 'stats', 'verbosity', 'version']);

/** memcached has no databases. Without an address: which of several servers it is, is not known yet. */
export function memcachedServer(facts: Omit<ServerFacts, 'system' | 'database'>): DatabaseServer {
  return describeServer({ system: 'memcached', ...facts });
}

export const UNKNOWN_SERVER = memcachedServer({});

/** Both protocols' commands have the names of the text protocol. */
export class MemcachedOperation extends CommandOperation {
  constructor(
    name: string,
    /** Keys first; what is no key is not shown. */
    private readonly args: readonly unknown[],
  ) {
    super(memcachedCommandName(name));
  }

  get purpose(): Purpose | undefined {
    return CONNECTION.has(this.operation) ? 'connection' : undefined;
  }

  protected makeText(): Sanitized {
    return describeMemcachedCommand(this.operation, this.args);
  }
}
