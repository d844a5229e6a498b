/** Replaces methods of one object without changing what it is: a generator stays one, a query builder can be chained on. */

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** @returns false where the object cannot be changed; then nothing was */
export function overrideMethods(object: object, methods: Readonly<Record<string, Method>>): boolean {
  try {
    const descriptors: PropertyDescriptorMap = {};
    for (const [name, value] of Object.entries(methods)) {
      const own = Object.getOwnPropertyDescriptor(object, name);
      if (own === undefined ? !Object.isExtensible(object) : own.configurable !== true) return false;
      descriptors[name] = { value, writable: true, configurable: true, enumerable: own?.enumerable ?? false };
    }
    Object.defineProperties(object, descriptors);
    return true;
  } catch {
    return false; // a Proxy that refuses
  }
}
