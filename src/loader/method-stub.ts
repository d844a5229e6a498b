/** Brings an instrumentation in at the first call of a method, for builtins that have no channel for it. */
import type { MethodTrigger } from '../instrumentations/define';
import { type AnyFunction, disguise, replaceMethod } from './wrap';

/**
 * Puts a stub in the place of the method. Its first call gives the method back, brings the instrumentation in and goes on to
 * whatever stands there then.
 *
 * @param onFirstCall brings the instrumentation in
 * @returns gives the method back; undefined where there is no such method
 */
export function stubMethod(
  { builtin, path, method }: MethodTrigger,
  onFirstCall: () => void,
): (() => void) | undefined {
  const owner = path.reduce<unknown>(
    (object, key) => (object as Record<string, unknown>)?.[key],
    require(builtin) as unknown,
  );
  if (typeof owner !== 'object' || owner === null) return undefined;
  const methods = owner as Record<string, AnyFunction>;
  const own = Object.getOwnPropertyDescriptor(methods, method);
  let stub: AnyFunction | undefined;
  /** Not where somebody has wrapped the stub meanwhile: then it stays below for good. */
  const restore = (): boolean => {
    const isOurs = methods[method] === stub;
    if (isOurs && own !== undefined) Object.defineProperty(methods, method, own);
    else if (isOurs) delete methods[method];
    return isOurs;
  };
  replaceMethod(methods, method, (original) => {
    stub = disguise(function (this: unknown, ...args: unknown[]): unknown {
      const wasOurs = restore();
      onFirstCall();
      return Reflect.apply((wasOurs ? methods[method] : undefined) ?? original, this, args);
    }, original);
    return stub;
  });
  return restore;
}
