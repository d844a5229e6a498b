/** Tells commands that end because the app closes their connection from commands that fail. */
import { safeGet } from '../../tracing/attributes';
import type { Around } from '../define';
import { createStamp } from '../operations/stamp';
import type { Command } from './client';
import { purposeOfCommand } from './purpose';

/** What ioredis says to all that a closed connection has not answered (built/utils/index.js). */
const CONNECTION_IS_CLOSED = 'Connection is closed.';

export class Closing {
  /** Clients that the app has told to close, until they connect again. */
  private readonly clients = createStamp<boolean>();

  readonly aroundDisconnect: Around<object, never> = {
    before: (client, [reconnect]) => {
      if (!reconnect) this.clients.set(client, true);
      return undefined;
    },
  };

  readonly aroundQuit: Around<object, never> = {
    before: (client) => {
      this.clients.set(client, true);
      return undefined;
    },
  };

  /** The client connects (again). */
  opened(client: object): void {
    if (this.clients.get(client) === true) this.clients.set(client, false);
  }

  /**
   * Whether that is no failure: the command was to close the connection, or only waited for something to happen. Any
   * other command is lost with its connection, also where the app closes it.
   * @param client undefined where it was closed before the command was called
   */
  hasEnded(command: Command, client: object | undefined, error: unknown): boolean {
    if (typeof error !== 'object' || error === null || safeGet(error, 'message') !== CONNECTION_IS_CLOSED)
      return false;
    if (command.name === 'quit') return true;
    return this.clients.get(client) === true && purposeOfCommand(command) === 'blocking';
  }
}
