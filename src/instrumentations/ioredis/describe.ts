/** Commands and batches in words that may leave the process. */
import {
  describeRedisCommand,
  describeRedisCommands,
  redisCommandName,
} from '../../redaction/database/redis';
import { phrase, type Sanitized, sanitizeName } from '../../redaction/sanitized';
import type { DatabaseOperation } from '../operations/database';
import type { Purpose } from '../operations/require-parent';
import type { Command } from './client';
import { purposeOfCommand } from './purpose';

/** The text is made when it is asked for: nobody asks where nothing records. */
export abstract class Description implements DatabaseOperation {
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

export class CommandDescription extends Description {
  constructor(private readonly command: Command) {
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
export class BatchDescription extends Description {
  constructor(
    kind: 'PIPELINE' | 'MULTI',
    private readonly commands: readonly Command[],
  ) {
    super(operationOf(kind, commands));
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

function operationOf(kind: 'PIPELINE' | 'MULTI', commands: readonly Command[]): Sanitized {
  const name = redisCommandName(commands[0]?.name ?? '');
  const isUniform = commands.every((command) => redisCommandName(command.name) === name);
  if (!isUniform || name === '') return sanitizeName(kind);
  return kind === 'PIPELINE' && commands.length === 1 ? name : phrase(kind, name);
}

/** MULTI and EXEC around what the app has asked for. */
export function isTransaction(queue: readonly Command[]): boolean {
  return queue[0]?.name === 'multi' && queue[queue.length - 1]?.name === 'exec';
}

/** The first error among a pipeline's results; those of a transaction are in the answer to its EXEC. */
export function firstError(results: unknown): unknown {
  if (!Array.isArray(results)) return undefined;
  for (const [error] of results as [unknown][]) if (error) return error;
  const [, answer] = (results[results.length - 1] ?? []) as unknown[];
  return Array.isArray(answer) ? answer.find((each) => each instanceof Error) : undefined;
}
