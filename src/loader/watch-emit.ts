/** Replaces `emit` of a prototype: the hottest method there is, so it has a wrapper without copies and closures. */
import type { EmitWatcher } from '../instrumentations/define';
import { enter, leave, type TraceContext } from '../tracing/context';
import { showOriginalWhere } from './emit-accessor';
import type { FailureGuard } from './failure-guard';
import { type AnyFunction, disguise, replaceMethod } from './wrap';

export function createWatchEmit(failureGuard: FailureGuard) {
  return function watchEmit<Emitter extends object>(prototype: Emitter, watcher: EmitWatcher<Emitter>): void {
    const { emit } = prototype as { emit?: AnyFunction };
    replaceMethod(prototype, 'emit', (original) => {
      const contextOf = (
        emitter: Emitter,
        event: unknown,
        first: unknown,
        second: unknown,
      ): TraceContext | undefined => {
        if (!failureGuard.on) return undefined;
        try {
          return watcher.contextOf(emitter, event, first, second);
        } catch (error) {
          failureGuard.fail(error);
          return undefined;
        }
      };
      const emitted = (emitter: Emitter, event: unknown): void => {
        try {
          watcher.emitted?.(emitter, event);
        } catch (error) {
          failureGuard.fail(error);
        }
      };
      // Listeners have one frame of ours below them: the context is entered and left here, without a callback. A method, as
      // classes of drivers have it: a function would have a `prototype` besides.
      const { watched } = {
        watched(this: Emitter, event: unknown, first: unknown, second: unknown): unknown {
          const context = contextOf(this, event, first, second);
          // biome-ignore-start lint/complexity/noArguments: V8 passes them on without a copy, in this form only
          if (context === undefined) return original.apply(this, arguments as unknown as unknown[]);
          const outer = enter(context);
          try {
            return original.apply(this, arguments as unknown as unknown[]);
          } finally {
            leave(outer);
            emitted(this, event);
          }
          // biome-ignore-end lint/complexity/noArguments: see above
        },
      };
      return disguise(watched as AnyFunction, original);
    });
    const { takeEntered } = watcher;
    if (takeEntered !== undefined && emit !== undefined)
      showOriginalWhere(takeEntered, prototype, emit, failureGuard);
  };
}
