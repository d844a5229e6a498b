/** What clients of Redis share: their commands in words that may leave the process, and what they are for. */
import {
  describeRedisCommand,
  describeRedisCommands,
  redisCommandName,
} from '../../redaction/database/redis';
import { phrase, type Sanitized, sanitizeName } from '../../redaction/sanitized';
import { safeGet } from '../../tracing/attributes';
import { CommandOperation } from './commands';
import { type DatabaseServer, describeServer, type ServerFacts } from './database';
import type { Purpose } from './require-parent';

/** @param facts without a host, it is not known yet which of several it is */
export function redisServer(facts: Omit<ServerFacts, 'system'>): DatabaseServer {
  return describeServer({ system: 'redis', ...facts });
}

/** A command with its arguments. */
export interface RedisCommand {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** The first error in an answer to a batch; those of a transaction are in the answer to its EXEC. */
export function errorInAnswers(answers: unknown): unknown {
  if (!Array.isArray(answers)) return undefined;
  const error = answers.find((answer) => answer instanceof Error);
  return error ?? errorInAnswers(answers[answers.length - 1]);
}

/** The same where each command has its error and its answer: `[[null, 'OK'], [error]]`. */
export function errorInResults(results: unknown): unknown {
  if (!Array.isArray(results)) return undefined;
  for (const [error] of results as [unknown][]) if (error) return error;
  return errorInAnswers((results[results.length - 1] as unknown[] | undefined)?.[1]);
}

export type BatchKind = 'PIPELINE' | 'MULTI';

export class CommandDescription extends CommandOperation {
  constructor(readonly command: RedisCommand) {
    super(redisCommandName(command.name));
  }

  get purpose(): Purpose | undefined {
    return purposeOfCommand(this.command);
  }

  protected makeText(): Sanitized {
    return describeRedisCommand(this.command.name, this.command.args);
  }
}

/**
 * A pipeline or transaction: `PIPELINE SET` where all commands are the same, `MULTI` where they differ (semantic
 * conventions for Redis, note on `db.operation.name`). A pipeline of one is no batch, and called as its command is.
 */
export class BatchDescription extends CommandOperation {
  override readonly batchSize: number;

  private constructor(
    kind: BatchKind,
    private readonly commands: readonly RedisCommand[],
  ) {
    super(operationOf(kind, commands));
    this.batchSize = commands.length;
  }

  /** @param commands of a transaction with or without the MULTI and the EXEC around what the app asked for */
  static of(commands: readonly RedisCommand[], kind: BatchKind = 'PIPELINE'): BatchDescription {
    const [first, last] = [commands[0], commands[commands.length - 1]];
    const isWhole = isNamed(first, 'MULTI') && isNamed(last, 'EXEC');
    return isWhole
      ? new BatchDescription('MULTI', commands.slice(1, -1))
      : new BatchDescription(kind, commands);
  }

  /** That of its commands, where they agree. */
  get purpose(): Purpose | undefined {
    const [first, ...others] = this.commands.map(purposeOfCommand);
    return others.every((purpose) => purpose === first) ? first : undefined;
  }

  protected makeText(): Sanitized {
    return describeRedisCommands(this.commands);
  }
}

function isNamed(command: RedisCommand | undefined, name: string): boolean {
  return command !== undefined && redisCommandName(command.name) === name;
}

function operationOf(kind: BatchKind, commands: readonly RedisCommand[]): Sanitized {
  const name = redisCommandName(commands[0]?.name ?? '');
  const isUniform = commands.every((command) => redisCommandName(command.name) === name);
  if (!isUniform || name === '') return sanitizeName(kind);
  return kind === 'PIPELINE' && commands.length === 1 ? name : phrase(kind, name);
}

/** Commands that the server answers when something has happened (https://redis.io/docs/latest/commands/). */
const BLOCKING: ReadonlySet<string> = new Set(
  'blmove blmpop blpop brpop brpoplpush bzmpop bzpopmax bzpopmin wait waitaof'.split(' '),
);
/** They wait if they are told to. */
const READING: ReadonlySet<string> = new Set(['xread', 'xreadgroup']);
/** BLOCK stands before the streams and consumers that are named. */
const MAX_OPTIONS = 8;

const CONNECTION: ReadonlySet<string> = new Set(
  (
    'auth client cluster command hello info ping psubscribe punsubscribe quit readonly readwrite reset role script ' +
    'select ssubscribe subscribe sunsubscribe unsubscribe'
  ).split(' '),
);

export function purposeOfCommand({ name, args }: RedisCommand): Purpose | undefined {
  const command = name.toLowerCase();
  if (BLOCKING.has(command) || (READING.has(command) && args.slice(0, MAX_OPTIONS).some(isBlock)))
    return 'blocking';
  return CONNECTION.has(command) ? 'connection' : undefined;
}

function isBlock(argument: unknown): boolean {
  return typeof argument === 'string' && argument.toLowerCase() === 'block';
}

/**
 * The first word of what the server says: `WRONGTYPE` of `WRONGTYPE Operation against a key ...`.
 * @param error one of the server's; undefined: it is not, or cannot be told
 */
export function redisErrorPrefix(error: unknown): string | undefined {
  const message = safeGet(error, 'message');
  if (typeof message !== 'string') return undefined;
  const [prefix = ''] = message.split(' ', 1);
  // A script may answer with an error of any text.
  return prefix !== '' && prefix === prefix.toUpperCase() ? prefix : undefined;
}
