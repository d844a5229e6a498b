/**
 * Hooks the ES modules that entries name, by Node's own module loader. Loaded only where the app has such a library
 * (reach.ts). docs/decisions/0021-esm-files.md has the evidence.
 */
import * as nodeModule from 'node:module';
import { register } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { RegistryEntry } from '../../instrumentations/define';
import { HAS_SYNC_LOAD_HOOKS } from '../node-features';
import type { HookedFiles, LoadedSource } from './appended-statement';

type NextLoad = (url: string, context: unknown) => LoadedSource;

/** `module.registerHooks`, which the types of Node 20 do not have. */
type RegisterHooks = (hooks: {
  load(url: string, context: unknown, nextLoad: NextLoad): LoadedSource;
}) => unknown;

/**
 * @param entries those of which a package is installed
 * @param threadFile `dist/loader/esm/load-hook.cjs`
 * @throws what Node says when it refuses the hook, under `--permission` for example
 */
export function hookEsModules(entries: readonly RegistryEntry[], threadFile: string): void {
  const files = filesOf(entries);
  if (HAS_SYNC_LOAD_HOOKS) {
    const { createAddStatement } = require('./load-hook.cjs') as typeof import('./load-hook');
    const addStatement = createAddStatement(files);
    const { registerHooks } = nodeModule as unknown as { registerHooks: RegisterHooks };
    registerHooks({ load: (url, context, nextLoad) => addStatement(url, nextLoad(url, context)) });
  } else {
    register(pathToFileURL(threadFile), { data: files });
  }
}

/** A file may be in several entries, and in several ranges of versions: it gives what any of them asks for. */
function filesOf(entries: readonly RegistryEntry[]): HookedFiles {
  const files = new Map<string, string[]>();
  for (const { package: name, esm = {}, bindings = {} } of entries.flatMap(({ packages }) => packages)) {
    for (const [part, paths] of Object.entries(esm)) {
      for (const path of paths) {
        const key = `${name}/${path}`;
        files.set(key, [...new Set([...(files.get(key) ?? []), ...(bindings[part] ?? [])])]);
      }
    }
  }
  return files;
}
