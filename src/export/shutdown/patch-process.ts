type ProcessMethod = (this: NodeJS.Process, ...args: never[]) => unknown;

/**
 * Replaces a method of `process`. Name, length and enumerability of the property stay as they were, so that the app
 * sees no difference.
 *
 * @returns Restores the original, unless somebody has wrapped the replacement meanwhile.
 */
export function patchProcessMethod(name: string, replacement: ProcessMethod): () => void {
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
