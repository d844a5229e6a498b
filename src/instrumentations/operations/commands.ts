/** Databases that take commands of a name and arguments, and no statements in a language: Redis, memcached. */
import { type Sanitized, sanitizeName } from '../../redaction/sanitized';
import { activeContext } from '../../tracing/context';
import { SERVER_ADDRESS, SERVER_PORT } from '../../tracing/semconv';
import { type DatabaseOperation, type DatabaseServer, type DatabaseSpan, startOperation } from './database';
import { Database } from './database-driver';
import { isParentRequired, mayLackParent, type Purpose } from './require-parent';

export class CommandDatabase<Connection extends object> extends Database<Connection> {
  /**
   * The span of a command or a batch.
   * @param purpose where its name does not tell; see CANVASOPS_REQUIRE_PARENT
   * @param batchSize number of commands, of a batch
   * @returns undefined where nothing records
   */
  start(
    server: DatabaseServer,
    command: CommandOperation,
    purpose?: () => Purpose | undefined,
    batchSize?: number,
  ): DatabaseSpan | undefined {
    const { env } = this;
    const context = activeContext();
    const { requireParent } = env.config;
    if (
      mayLackParent(requireParent, context) &&
      isParentRequired(requireParent, 'database', command.purpose ?? purpose?.())
    )
      return undefined;
    const started = startOperation(env, server, command, context, batchSize);
    // Without the database's index, "since it is a numeric value that ends up looking confusing" (conventions for Redis).
    if (started !== undefined) started.span.name = command.operation || server.system;
    return started;
  }
}

/** It goes to a server that was not known when its span began; of several the last one counts. */
export function locate({ span }: DatabaseSpan, address: string | undefined, port: number | undefined): void {
  if (address !== undefined) span.replace(SERVER_ADDRESS, sanitizeName(address));
  if (port !== undefined) span.replace(SERVER_PORT, port);
}

/** The text is made when it is asked for: nobody asks where nothing records. */
export abstract class CommandOperation implements DatabaseOperation {
  readonly summary = '';
  readonly collection = '';
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
