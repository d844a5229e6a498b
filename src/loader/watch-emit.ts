/** Replaces `emit` of a prototype: the hottest method there is, so it has a wrapper without copies and closures. */

import type { EmitWatcher } from '../instrumentations/define';
import { runIn, type TraceContext } from '../tracing/context';
import { disguise, replaceMethod, type Switch } from './wrap';

type Emit = (this: unknown, ...args: unknown[]) => unknown;

export function createWatchEmit(toggle: Switch) {
  return function watchEmit<Emitter extends object>(prototype: Emitter, watcher: EmitWatcher<Emitter>): void {
    replaceMethod(prototype, 'emit', (original) => {
      const watched = function (this: Emitter, event: unknown): unknown {
        // biome-ignore lint/complexity/noArguments: passed on as they came, without a copy
        const args = arguments;
        let context: TraceContext | undefined;
        if (toggle.on) {
          try {
            context = watcher.contextOf(this, event, args);
          } catch (error) {
            toggle.fail(error);
          }
        }
        if (context === undefined) return Reflect.apply(original, this, args);
        try {
          return runIn(context, original as Emit, this, args);
        } finally {
          try {
            watcher.emitted?.(this, event);
          } catch (error) {
            toggle.fail(error);
          }
        }
      };
      return disguise(watched as Emit, original);
    });
  };
}
