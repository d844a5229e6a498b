/** Reads errors of a program that is about to end, whose output must not change by it. */
import { types } from 'node:util';

/** Since V8 12 a stack is read by a getter, the same for all errors of a realm; before, this is undefined. */
const STACK_GETTER = Object.getOwnPropertyDescriptor(new Error(), 'stack')?.get;

/**
 * A property as a plain read gives it, but without running code of the app's.
 * @returns undefined where a getter or a Proxy of the app's would have to be asked
 */
export function readQuietly(object: object, key: string): unknown {
  for (let owner: object | null = object; owner !== null; owner = Object.getPrototypeOf(owner)) {
    if (types.isProxy(owner)) return undefined;
    const property = Object.getOwnPropertyDescriptor(owner, key);
    if (property === undefined) continue;
    const { get } = property;
    if (get === undefined) return property.value;
    return get === STACK_GETTER || owner === DOMException.prototype ? get.call(object) : undefined;
  }
  return undefined;
}
