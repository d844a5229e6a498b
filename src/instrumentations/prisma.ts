/**
 * Prisma Client 6 and 7: one span per operation on a model (`User.read`), with the statements of its driver adapter below it. An
 * engine in Rust (the default of Prisma 6) talks to the database by itself: its statements have no spans.
 *
 * A generated client calls getPrismaClient() of the runtime. All of its calls pass _request() of the class that it returns,
 * when they are awaited. Prisma's own hook, a global variable, is left to the app: there is room for one only, and where it is
 * set, an engine writes the trace into the texts of its statements. If the app sets it (@prisma/instrumentation), its spans of
 * operations and of the adapter's queries would repeat ours, so they are marked as internal, which it leaves out.
 *
 * Prisma collects queries until the next tick and sends them together, in the context of the first one. Here each is sent in its
 * own context. What is sent for several calls (findUnique() of the same kind, `$transaction([])`) is beside their spans.
 *
 * Messages of its errors quote values, and lines of the app's source.
 */
import { types } from 'node:util';
import { redactDatabaseMessage } from '../redaction/database/error-message';
import { rememberSafeMessage } from '../redaction/error-text';
import { literal, phrase, type Sanitized, sanitizeName } from '../redaction/sanitized';
import { safeGet } from '../tracing/attributes';
import { activeContext, type TraceContext } from '../tracing/context';
import { isError } from '../tracing/exception';
import { followPromise } from '../tracing/follow-promise';
import type { Class, Instrumentation, InstrumentationEnv } from './define';
import { createHiddenState } from './operations/hidden-state';
import { lengthOf, type ModelOperation, Models, outsideOfModel } from './operations/model';

interface Client {
  readonly _requestHandler: {
    readonly dataloader: { readonly options: object };
  };
  readonly _tracingHelper: object;
  readonly _engineConfig: { readonly adapter?: { readonly adapterName?: unknown } };
}

/** What the app called. */
interface Call {
  /** Raw statements have none. */
  readonly model?: string;
  /** `count` and `aggregate` are the same action. */
  readonly action: string;
  /** `user.findMany` */
  readonly clientMethod: string;
}

interface ChildSpan {
  readonly name: string;
  readonly attributes?: { readonly model?: unknown };
}

/** All others read. */
const OPERATIONS: Readonly<Record<string, ModelOperation>> = {
  create: 'create',
  createMany: 'bulk_create',
  createManyAndReturn: 'bulk_create',
  update: 'update',
  updateMany: 'bulk_update',
  updateManyAndReturn: 'bulk_update',
  upsert: 'save',
  delete: 'delete',
  deleteMany: 'delete',
};

/** Adapters with drivers whose statements have spans. */
const TRACED_ADAPTERS: readonly unknown[] = ['@prisma/adapter-pg'];

export function create(env: InstrumentationEnv): Instrumentation {
  const models = new Models(env);
  const contexts = createHiddenState<TraceContext>();
  /** Clients share what is watched here with those that `$extends()` makes of them. */
  const watched = new WeakSet<object>();

  function watchClient({
    _requestHandler: { dataloader },
    _tracingHelper: helper,
    _engineConfig,
  }: Client): void {
    if (watched.has(dataloader)) return;
    watched.add(dataloader);
    env.wrap<object, never>(dataloader, 'request', {
      before(_dataloader, [request]) {
        contexts.set(request as object, activeContext());
        return undefined;
      },
    });
    env.wrap<object, TraceContext>(dataloader.options, 'singleLoader', {
      before: (_options, [request]) => contexts.get(request as object),
      contextOf: (context) => context,
    });
    env.wrap<object, TraceContext>(dataloader.options, 'batchLoader', {
      before: (_options, [requests]) => contexts.get((requests as object[])[0]),
      contextOf: outsideOfModel,
    });
    env.wrap<object, never>(helper, 'runInChildSpan', {
      before(_helper, args) {
        const [child] = args as [ChildSpan | string];
        if (typeof child === 'string') return undefined;
        const { name, attributes } = child;
        const isStatement =
          name === 'db_query' && TRACED_ADAPTERS.includes(_engineConfig.adapter?.adapterName);
        if (isStatement || (name === 'operation' && attributes?.model !== undefined))
          args[0] = { ...child, internal: true };
        return undefined;
      },
    });
  }

  const conceal = env.guard((failed: boolean, error: unknown) => {
    if (failed && isError(error) && error.name.startsWith('PrismaClient'))
      rememberSafeMessage(error, error.message, messageOf(error));
  });

  return {
    patch: {
      runtime(exports: object) {
        const properties = Object.getOwnPropertyDescriptors(exports);
        for (const property of Object.values(properties)) property.configurable = true;
        const replaced: object = Object.create(Object.getPrototypeOf(exports) as object, properties);
        env.wrap<object, true>(replaced, 'getPrismaClient', {
          before: () => true,
          after(_state, PrismaClient) {
            const { prototype } = PrismaClient as Class;
            env.wrap<object, true>(prototype, '_executeRequest', {
              before: () => true,
              after: (_started, result) =>
                types.isPromise(result) ? followPromise(result, conceal) : undefined,
            });
            models.watchCall<Client>(prototype, '_request', (client, [call]) => {
              watchClient(client);
              const { model, action, clientMethod } = call as Call;
              const method = clientMethod.slice(clientMethod.lastIndexOf('.') + 1);
              const countOf = (result: unknown) => count(result, method);
              return { model, operation: OPERATIONS[action] ?? 'read', method, countOf };
            });
          },
        });
        return replaced;
      },
    },
  };
}

/** A code of Prisma's says all that may be said. What was wrong with arguments stands below them. */
function messageOf(error: Error): Sanitized {
  const code = sanitizeName(safeGet(error, 'code'));
  if (code !== undefined) return phrase('The call failed with', code);
  if (error.name !== 'PrismaClientValidationError') return literal('The call failed');
  return redactDatabaseMessage(error.message.slice(error.message.lastIndexOf('\n\n') + 2), '');
}

function count(result: unknown, method: string): number | undefined {
  if (method === 'aggregate' || method === 'count') return typeof result === 'number' ? result : undefined;
  if (method.endsWith('Many') && method !== 'findMany') {
    const told = safeGet(result, 'count');
    return typeof told === 'number' ? told : undefined;
  }
  return lengthOf(result) ?? (result === null ? 0 : 1);
}
