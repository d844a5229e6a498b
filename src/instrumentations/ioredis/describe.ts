/** Commands and batches in words that may leave the process. */
import { describeRedisCommand } from '../../redaction/command';
import type { DatabaseOperation } from '../operations/database';
import type { Command } from './client';

/** A batch's text grows no further; `...` behind it says that something is missing. */
const MAX_TEXT = 4096;

/** The text is made when it is asked for: nobody asks where nothing records. */
export abstract class Description implements DatabaseOperation {
  readonly summary = '';
  readonly collection = '';
  private made: string | undefined;

  constructor(readonly operation: string) {}

  get text(): string {
    this.made ??= this.makeText();
    return this.made;
  }

  protected abstract makeText(): string;
}

export class CommandDescription extends Description {
  constructor(private readonly command: Command) {
    super(command.name.toUpperCase());
  }

  protected makeText(): string {
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

  protected makeText(): string {
    let text = '';
    for (const { name, args } of this.commands) {
      if (text.length >= MAX_TEXT) return `${text.slice(0, MAX_TEXT)}...`;
      text += `${text === '' ? '' : '; '}${describeRedisCommand(name, args)}`;
    }
    return text;
  }
}

function operationOf(kind: string, commands: readonly Command[]): string {
  const name = commands[0]?.name.toUpperCase();
  const isUniform = name !== undefined && commands.every((command) => command.name.toUpperCase() === name);
  if (!isUniform) return kind;
  return kind === 'PIPELINE' && commands.length === 1 ? name : `${kind} ${name}`;
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
