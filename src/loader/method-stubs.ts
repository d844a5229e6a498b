/** Methods of builtins whose first call brings an instrumentation in, where Node has no channel for it. */
import type { MethodTrigger } from '../instrumentations/define';
import { type AnyFunction, disguise, replaceMethod } from './wrap';

export class MethodStubs {
  /** By entry: how to take its stubs away again. */
  private readonly restores = new Map<string, (() => boolean)[]>();

  /**
   * @param entry its name; with the first call of one of its methods, all its stubs are taken away
   * @param bringIn called once, before that call goes on
   */
  add(entry: string, { builtin, path, method }: MethodTrigger, bringIn: () => void): void {
    const owner = path.reduce<unknown>(
      (object, key) => (object as Record<string, unknown>)?.[key],
      require(builtin) as unknown,
    );
    if (typeof owner !== 'object' || owner === null) return;
    const methods = owner as Record<string, AnyFunction>;
    const own = Object.getOwnPropertyDescriptor(methods, method);
    let stub: AnyFunction | undefined;
    /** Gives the method back, unless somebody wrapped the stub meanwhile: then it stays below for good. */
    const restore = (): boolean => {
      const isOurs = methods[method] === stub;
      if (isOurs && own !== undefined) Object.defineProperty(methods, method, own);
      else if (isOurs) delete methods[method];
      return isOurs;
    };
    replaceMethod(methods, method, (original) => {
      const onFirstCall = (): AnyFunction => {
        const wasOurs = restore();
        for (const restoreOther of this.restores.get(entry) ?? []) restoreOther();
        bringIn();
        return (wasOurs ? methods[method] : undefined) ?? original;
      };
      stub = disguise(function (this: unknown, ...args: unknown[]): unknown {
        return Reflect.apply(onFirstCall(), this, args);
      }, original);
      return stub;
    });
    this.restores.set(entry, [...(this.restores.get(entry) ?? []), restore]);
  }
}
