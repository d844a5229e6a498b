/** Replaces methods of `process` so that nobody can tell by looking at it: name, length, and whether it is enumerable. */

type ProcessMethod = (this: NodeJS.Process, ...args: never[]) => unknown;

/** Returns how to take the replacement away again, which it leaves where somebody wrapped it meanwhile. */
export function replaceProcessMethod(name: string, replacement: ProcessMethod): () => void {
  const target = process as unknown as Record<string, ProcessMethod>;
  const own = Object.getOwnPropertyDescriptor(process, name);
  Object.defineProperty(replacement, 'name', { value: name });
  Object.defineProperty(replacement, 'length', { value: target[name]?.length });
  Object.defineProperty(process, name, {
    value: replacement,
    writable: true,
    configurable: true,
    enumerable: own?.enumerable ?? false,
  });
  return () => {
    if (target[name] !== replacement) return;
    if (own === undefined) delete target[name];
    else Object.defineProperty(process, name, own);
  };
}
