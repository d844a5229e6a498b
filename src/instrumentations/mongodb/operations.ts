/** Operations of the driver, which send commands: what an app calls is one, or several. */
import { safeGet } from '../../tracing/attributes';
import { monotonic } from '../../tracing/clock';
import { activeContext, type TraceContext } from '../../tracing/context';
import { Attached } from '../operations/attached';
import { CommandDescription, type Session } from './commands';

export interface Client {
  readonly options?: {
    readonly hosts?: readonly HostAddress[];
    readonly dbName?: string;
  };
}

/** Where a server is, as the app has said. */
export interface HostAddress {
  readonly host?: string;
  readonly port?: number;
  readonly socketPath?: string;
}

export interface Namespace {
  readonly db: string;
  readonly collection?: string;
}

export interface Operation {
  readonly ns?: Namespace;
  readonly collection?: { readonly s: { readonly namespace: Namespace } };
  readonly session?: Session;
  /** Since 6.17. */
  readonly commandName?: string;
  /** Of those that send what the app wrote. */
  readonly command?: unknown;
}

/** An operation that is being executed for the app. */
export class Execution {
  /** Of the app's call. */
  readonly context: TraceContext = activeContext();
  /** The same one for what the driver does then. */
  readonly inside: TraceContext = this.context.withSpan(this.context.span);
  /** Milliseconds on the monotonic clock. */
  readonly since = monotonic();
  /** Or others of the driver's operations tell of it. */
  hasSent = false;

  constructor(
    readonly client: Client,
    readonly operation: Operation,
  ) {
    const outer = Execution.in(this.context);
    if (outer !== undefined) outer.hasSent = true;
    new ExecutionContext(this.inside, this);
  }

  static in(context: TraceContext): Execution | undefined {
    return ExecutionContext.executionOf(context);
  }

  /** Whether the command is the driver's idea: a cursor or a session has not been used up. */
  isHousekeeping(command: string): boolean {
    return HOUSEKEEPING.has(command) || (command === 'killCursors' && this.operation.command === undefined);
  }

  get namespace(): Namespace | undefined {
    return this.operation.ns ?? this.operation.collection?.s.namespace;
  }

  /** The command that it would have sent, as far as that is known before. */
  get unsentCommand(): CommandDescription {
    const { command, commandName } = this.operation;
    if (command !== undefined) return new CommandDescription(command);
    const name = commandName ?? commandOfClass(safeGet(this.operation.constructor, 'name'));
    const collection = this.namespace?.collection;
    return new CommandDescription({ [name]: collection === '$cmd' ? 1 : collection });
  }
}

/** A context in which an operation is executed. */
class ExecutionContext extends Attached {
  readonly #execution: Execution;

  constructor(context: TraceContext, execution: Execution) {
    super(context);
    this.#execution = execution;
  }

  static executionOf(context: object): Execution | undefined {
    return #execution in context ? (context as ExecutionContext).#execution : undefined;
  }
}

/** Also on connections that are in use: authentication, where the token of one has expired. */
const HOUSEKEEPING: ReadonlySet<string> = new Set([
  'endSessions',
  'saslStart',
  'saslContinue',
  'authenticate',
]);

/** What the driver's classes send (lib/operations), where they do not say it. */
const COMMANDS_OF_CLASSES: readonly (readonly [RegExp, string])[] = [
  [/^Insert/, 'insert'],
  [/^(Update|Replace)(One|Many)/, 'update'],
  [/^Delete/, 'delete'],
  [/^Find.*(And|Modify)/, 'findAndModify'],
  [/^CountDocuments/, 'aggregate'],
  [/^EstimatedDocumentCount/, 'count'],
  [/^CreateIndex/, 'createIndexes'],
  [/^CreateCollection/, 'create'],
  [/^DropCollection/, 'drop'],
  [/^BulkWrite/, 'bulkWrite'],
];

function commandOfClass(name: unknown): string {
  if (typeof name !== 'string') return '';
  const known = COMMANDS_OF_CLASSES.find(([pattern]) => pattern.test(name));
  return known?.[1] ?? name.charAt(0).toLowerCase() + name.slice(1).replace(/Operation$/, '');
}
