/** Reads what a call of query() asks, of whom, and what the server answers to a failure. */
import { safeIsArray } from '../../tracing/attributes';
import { type DatabaseServer, describeServer } from '../operations/database';

export interface PgClient {
  readonly connectionParameters?: {
    readonly host?: unknown;
    readonly port?: unknown;
    readonly database?: unknown;
  };
  readonly connection?: {
    readonly parsedStatements?: Record<string, unknown>;
    readonly _connecting?: boolean;
  };
  /** The native client's prepared statements. */
  readonly namedQueries?: Record<string, unknown>;
}

export interface Statement {
  readonly text: string;
  /** Of a prepared statement; '' = it has none. */
  readonly name: string;
  readonly values: unknown;
  /** The app's own Query, cursor or stream. */
  readonly submittable: Submittable | undefined;
}

/** Anything with a `submit` method: pg lets it speak the protocol itself. */
export type Submittable = Record<string, unknown>;

interface QueryConfig {
  readonly submit?: unknown;
  readonly text?: unknown;
  readonly name?: unknown;
  readonly values?: unknown;
  /** A QueryStream keeps its statement here. */
  readonly cursor?: { readonly text?: unknown; readonly values?: unknown };
}

/** undefined: pg will throw, or the app's object cannot be read. */
export function readStatement(
  client: PgClient | undefined,
  args: readonly unknown[],
  withValues: boolean,
): Statement | undefined {
  const [config, second] = args;
  if (config === undefined || config === null) return undefined;
  const list = safeIsArray(second) ? second : undefined;
  if (typeof config === 'string') return { text: config, name: '', values: list, submittable: undefined };
  try {
    return readConfig(client, config as QueryConfig, list, withValues);
  } catch {
    return undefined; // a getter of the app's own threw; pg is about to meet it too
  }
}

function readConfig(
  client: PgClient | undefined,
  config: QueryConfig,
  list: unknown,
  withValues: boolean,
): Statement {
  const isSubmittable = typeof config.submit === 'function';
  const source = isSubmittable && typeof config.text !== 'string' ? (config.cursor ?? config) : config;
  const name = typeof config.name === 'string' ? config.name : '';
  return {
    text: typeof source.text === 'string' ? source.text : preparedText(client, name),
    name,
    values: withValues ? (list ?? source.values) : undefined,
    submittable: isSubmittable ? (config as Submittable) : undefined,
  };
}

/** A prepared statement may be run by its name alone once the client knows it. */
function preparedText(client: PgClient | undefined, name: string): string {
  const text =
    name === '' ? undefined : (client?.connection?.parsedStatements ?? client?.namedQueries)?.[name];
  return typeof text === 'string' ? text : '';
}

/** For a Unix socket the host is its folder, which is what pg calls the host. */
export function configuredServer({ connectionParameters: to }: PgClient): DatabaseServer {
  return describeServer({ system: 'postgresql', database: to?.database, host: to?.host, port: to?.port });
}
