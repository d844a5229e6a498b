/** Replaces `emit` of a prototype: the hottest method there is, so it has a wrapper without copies and closures. */

import type { EmitWatcher } from '../instrumentations/define';
import { runIn, type TraceContext } from '../tracing/context';
import { disguise, replaceMethod, type Switch } from './wrap';

type Emit = (this: unknown, ...args: unknown[]) => unknown;

export function createWatchEmit(toggle: Switch) {
  return function watchEmit<Emitter extends object>(prototype: Emitter, watcher: EmitWatcher<Emitter>): void {
    replaceMethod(prototype, 'emit', (original) => {
      /** In a function of its own, so that the way of most events never makes an arguments object. */
      const emitIn = (context: TraceContext, emitter: Emitter, event: unknown, args: IArguments): unknown => {
        try {
          return runIn(context, original as Emit, emitter, args);
        } finally {
          try {
            watcher.emitted?.(emitter, event);
          } catch (error) {
            toggle.fail(error);
          }
        }
      };
      const contextOf = (
        emitter: Emitter,
        event: unknown,
        first: unknown,
        second: unknown,
      ): TraceContext | undefined => {
        if (!toggle.on) return undefined;
        try {
          return watcher.contextOf(emitter, event, first, second);
        } catch (error) {
          toggle.fail(error);
          return undefined;
        }
      };
      const watched = function (this: Emitter, event: unknown, first: unknown, second: unknown): unknown {
        const context = contextOf(this, event, first, second);
        // biome-ignore-start lint/complexity/noArguments: V8 passes them on without a copy, in this form only
        if (context === undefined) return original.apply(this, arguments as unknown as unknown[]);
        return emitIn(context, this, event, arguments);
        // biome-ignore-end lint/complexity/noArguments: see above
      };
      return disguise(watched as Emit, original);
    });
  };
}
