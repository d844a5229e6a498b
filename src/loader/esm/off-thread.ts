/** The hook in the thread that `module.register` starts, on versions of Node without a usable `module.registerHooks`. */
import {
  type AddStatement,
  createAddStatement,
  type HookedFiles,
  type LoadedSource,
} from './appended-statement';

let addStatement: AddStatement = (_, loaded) => loaded;

export function initialize(files: HookedFiles): void {
  addStatement = createAddStatement(files);
}

export async function load(
  url: string,
  context: unknown,
  nextLoad: (url: string, context: unknown) => Promise<LoadedSource>,
): Promise<LoadedSource> {
  return addStatement(url, await nextLoad(url, context));
}
