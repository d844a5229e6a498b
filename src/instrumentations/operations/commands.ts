/** Databases that take commands of a name and arguments, and no statements in a language: Redis, memcached. */
import { type Sanitized, sanitizeName } from '../../redaction/sanitized';
import { activeContext } from '../../tracing/context';
import {
  DB_OPERATION_NAME,
  DB_QUERY_TEXT,
  NETWORK_PEER_ADDRESS,
  NETWORK_PEER_PORT,
} from '../../tracing/semconv';
import { type DatabaseOperation, type DatabaseServer, type DatabaseSpan, startOperation } from './database';
import { Database } from './database-driver';
import { peerOf } from './peer';
import { isParentRequired, mayLackParent, type Purpose } from './require-parent';

export class CommandDatabase<Connection extends object> extends Database<Connection> {
  /**
   * The span of a command or a batch.
   * @param purpose where its name does not tell; see CANVASOPS_REQUIRE_PARENT
   * @returns undefined where nothing records
   */
  start(
    server: DatabaseServer,
    command: CommandOperation,
    purpose?: () => Purpose | undefined,
  ): DatabaseSpan | undefined {
    const { env } = this;
    const context = activeContext();
    const { requireParent } = env.config;
    if (
      mayLackParent(requireParent, context) &&
      isParentRequired(requireParent, 'database', command.purpose ?? purpose?.())
    )
      return undefined;
    const started = startOperation(env, server, command, context, command.batchSize);
    // Without the database's index, "since it is a numeric value that ends up looking confusing" (conventions for Redis).
    if (started !== undefined) started.span.name = command.operation || server.system;
    return started;
  }
}

/** What was sent is another command than the one that was to be sent. */
export function redescribe({ span }: DatabaseSpan, { operation, text }: CommandOperation): void {
  if (operation === '') return;
  span.name = operation;
  span.replace(DB_OPERATION_NAME, operation);
  span.replace(DB_QUERY_TEXT, text);
}

/** The other end of the socket that it goes over. */
export function tellPeer({ span }: DatabaseSpan, socket: object | null | undefined): void {
  const { address, port } = peerOf(socket);
  if (address === undefined || port === undefined) return;
  span.replace(NETWORK_PEER_ADDRESS, sanitizeName(address));
  span.replace(NETWORK_PEER_PORT, port);
}

/** The text is made when it is asked for: nobody asks where nothing records. */
export abstract class CommandOperation implements DatabaseOperation {
  readonly summary = '';
  readonly collection = '';
  /** Number of commands, of a batch. */
  readonly batchSize: number | undefined;
  private made: Sanitized | undefined;

  constructor(readonly operation: Sanitized | '') {}

  get text(): Sanitized {
    this.made ??= this.makeText();
    return this.made;
  }

  /** What it is for, as far as its name tells. */
  abstract get purpose(): Purpose | undefined;

  protected abstract makeText(): Sanitized;
}
