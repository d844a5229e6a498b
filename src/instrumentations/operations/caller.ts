/** Who calls: the app, or a package that it has installed. Costs microseconds, so it is asked rarely. */
import { currentRuntime } from '../../tracing/runtime';

/** Frames of the library between its method and the caller, and ours. */
const MAX_FRAMES = 30;
const MODULES = '/node_modules/';

/**
 * Whether the nearest caller outside of a library is a file of an installed package. What is part of a bundle counts
 * as the app's, and so does what cannot be told.
 * @param library npm name of the package whose own frames are passed over
 */
export function isCalledByPackage(library: string): boolean {
  const own = currentRuntime()?.folder?.replaceAll('\\', '/');
  for (const frame of callSites()) {
    const file = frame.getFileName()?.replaceAll('\\', '/');
    if (!file || file.startsWith('node:') || (own !== undefined && file.includes(own))) continue;
    const caller = packageOf(file);
    if (caller !== library) return caller !== undefined;
  }
  return false;
}

/** npm name; undefined for a file that lies in no package. */
function packageOf(file: string): string | undefined {
  const at = file.lastIndexOf(MODULES);
  if (at < 0) return undefined;
  const [first = '', second = ''] = file.slice(at + MODULES.length).split('/', 2);
  return first.startsWith('@') ? `${first}/${second}` : first;
}

/**
 * The frames as V8 has them. Error.prepareStackTrace of the app (source maps, error reporters) must not run for this,
 * so both properties are replaced and put back before anything else can look at them. Where Error is frozen there are
 * no frames.
 */
function callSites(): readonly NodeJS.CallSite[] {
  const limit = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit');
  const prepare = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
  if (!replace('prepareStackTrace', (_: unknown, frames: unknown) => frames)) return [];
  if (!replace('stackTraceLimit', MAX_FRAMES)) {
    restore('prepareStackTrace', prepare);
    return [];
  }
  const { stack } = new Error() as { stack?: unknown };
  restore('stackTraceLimit', limit);
  restore('prepareStackTrace', prepare);
  return Array.isArray(stack) ? (stack as NodeJS.CallSite[]) : [];
}

function replace(name: string, value: unknown): boolean {
  return Reflect.defineProperty(Error, name, { value, writable: true, enumerable: true, configurable: true });
}

function restore(name: string, descriptor: PropertyDescriptor | undefined): void {
  if (descriptor === undefined) Reflect.deleteProperty(Error, name);
  else Reflect.defineProperty(Error, name, descriptor);
}
