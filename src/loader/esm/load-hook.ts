/**
 * The file that hooks are made of: for the thread of `module.register`, which calls `initialize` and `load`, and for the app's
 * thread, which takes `createAddStatement`. It requires no other file, since a thread of hooks cannot under
 * `--experimental-default-type=module` of Node 20.
 */
import {
  type AddStatement,
  createAddStatement,
  type HookedFiles,
  type LoadedSource,
} from './appended-statement';

export { createAddStatement };

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
