/**
 * p-queue 6 to 9: a task runs in the context in which it was added. Without us a task that had to wait runs in that of the one
 * before it, whose end starts the next (`_next()` in dist/index.js). No spans come from here.
 */
import type { Class, Instrumentation, InstrumentationEnv } from './define';
import { bindAt } from './operations/callbacks';

export function create(env: InstrumentationEnv): Instrumentation {
  return {
    patch: {
      queue(exports: { readonly default?: Class; readonly PQueue?: Class }) {
        // `addAll()` calls `add()`.
        env.wrap<unknown, never>((exports.PQueue ?? exports.default)?.prototype, 'add', {
          before: (_queue, args) => bindAt(args, 0),
        });
      },
    },
  };
}
