/** Conditions under which the preload does not start. */
import { SUPPORTED_NODE } from './loader/node-features';
import { currentRuntime } from './tracing/runtime';

export interface Reason {
  /** Whether it is logged at level debug only, since people do it on purpose or it happens in every process. */
  readonly silent: boolean;
  readonly text: string;
}

/** Symbol of @opentelemetry/api 1.x under which SDKs register. */
export const API_KEY = Symbol.for('opentelemetry.js.api.1');

/** Names of the main files of tools that inherit NODE_OPTIONS and are nobody's app. */
const PACKAGE_MANAGERS = ['npm', 'npm-cli', 'npx', 'npx-cli', 'yarn', 'yarnpkg', 'pnpm', 'pnpx', 'corepack'];

const EXTENSIONS = ['.js', '.cjs', '.mjs'];

/** Path of Yarn 2 and later in a project that has its own copy: `.yarn/releases/yarn-4.10.3.cjs`. */
const YARN_RELEASE = '.yarn/releases/yarn-';

/**
 * @param version Of this copy.
 * @param folder Absolute path of this copy's files.
 * @returns Why the preload must not start here; undefined where it may.
 */
export function reasonNotToStart(version: string, folder: string): Reason | undefined {
  if (isOtherRuntime()) return { silent: false, text: 'only Node.js is supported; this is another runtime' };
  if (!SUPPORTED_NODE) {
    return { silent: false, text: `Node ${process.versions.node} is too old; 20.6 or later is needed` };
  }
  const running = currentRuntime();
  if (running !== undefined) {
    // The documentation tells users to load the same copy twice (--import, and import in code).
    const same = running.version === version && running.folder === folder;
    return {
      silent: same,
      text: `version ${running.version} is running here already, from ${running.folder}; this copy (${version}, ${folder}) does nothing`,
    };
  }
  if (hasOtherProvider()) {
    return {
      silent: false,
      text: 'another OpenTelemetry provider is registered already; remove one of the two',
    };
  }
  if (isPackageManager(process.argv[1] ?? ''))
    return { silent: true, text: 'this process is a package manager' };
  return undefined;
}

function isOtherRuntime(): boolean {
  return 'bun' in process.versions || 'deno' in process.versions || 'Deno' in globalThis;
}

function hasOtherProvider(): boolean {
  const api = (globalThis as { [API_KEY]?: { trace?: unknown } })[API_KEY];
  return api?.trace !== undefined;
}

/** @param program Path of the main file, as in `process.argv[1]`. */
export function isPackageManager(program: string): boolean {
  const path = program.replaceAll('\\', '/');
  const base = path.slice(path.lastIndexOf('/') + 1);
  const extension = EXTENSIONS.find((each) => base.endsWith(each)) ?? '';
  const name = base.slice(0, base.length - extension.length);
  return PACKAGE_MANAGERS.includes(name) || path.includes(YARN_RELEASE);
}
