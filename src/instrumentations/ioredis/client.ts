/** The parts of ioredis that are looked at, and what they tell about whom a command goes to. */
import { type Sanitized, sanitizeName } from '../../redaction/sanitized';
import { type DatabaseServer, describeServer } from '../operations/database';
import { peerOf } from '../operations/peer';

const REDIS = 'redis';
const DEFAULT_PORT = 6379;
const DEFAULT_HOST = 'localhost';

export interface Command {
  /** A script's is `evalsha`, and becomes `eval` where it goes over a connection for the first time. */
  readonly name: string;
  readonly args: readonly unknown[];
  /** Every way in which a command can end goes through one of these. */
  resolve: (value: unknown) => unknown;
  reject: (error: unknown) => unknown;
}

/** What the app calls a command is made one whatever it is, and fails later. */
export function isCommand(value: unknown): value is Command {
  return typeof (value as Partial<Command> | null | undefined)?.name === 'string';
}

/** A connection to one server. */
export interface Client {
  readonly status: string;
  readonly options: {
    readonly host?: string | null;
    readonly port?: number | null;
    readonly path?: string | null;
    readonly db?: number | null;
    readonly sentinels?: unknown;
  };
  readonly condition?: { readonly select?: number | null } | null;
  readonly stream?: object | null;
}

export interface Pipeline {
  readonly redis: object;
  readonly isCluster: boolean;
  readonly _queue: readonly Command[];
  /** Open transactions: exec() then only adds the command EXEC. */
  readonly _transactions: number;
  resolve: (results: unknown) => unknown;
  reject: (error: unknown) => unknown;
}

/** Which node a command goes to is only known when it is sent; a cluster has one database. */
export const CLUSTER_SERVER: DatabaseServer = describeServer({ system: REDIS, database: '0' });

export function configuredServer(client: Client): DatabaseServer {
  const { address, port } = addressOf(client);
  return describeServer({ system: REDIS, database: databaseOf(client), host: address, port });
}

/** The index that SELECT has chosen, or else the configured one. */
export function databaseOf({ condition, options }: Client): Sanitized {
  return sanitizeName(String(condition?.select ?? options.db ?? 0));
}

export function addressOf({ options, stream }: Client): {
  address?: string | undefined;
  port?: number | undefined;
} {
  if (options.path) return { address: options.path };
  // Behind sentinels the host is not configured but found.
  if (options.sentinels) return peerOf(stream);
  return { address: options.host || DEFAULT_HOST, port: options.port || DEFAULT_PORT };
}
