/** Methods of `process`, replaced so that nobody can tell: name, length and whether they are listed stay. */

type Method = (this: NodeJS.Process, ...args: never[]) => unknown;

export function replaceProcessMethod(name: string, replacement: Method, original: Method): void {
  // Node puts the name into a warning of its own (DEP0097), and so may anybody.
  Object.defineProperties(replacement, {
    name: { value: original.name, configurable: true },
    length: { value: original.length, configurable: true },
  });
  restoreProcessMethod(name, replacement);
}

export function restoreProcessMethod(name: string, method: Method): void {
  // `kill` and `reallyExit` are listed by Object.keys(process), inherited methods are not.
  const enumerable = Object.getOwnPropertyDescriptor(process, name)?.enumerable ?? false;
  Object.defineProperty(process, name, { value: method, writable: true, configurable: true, enumerable });
}
