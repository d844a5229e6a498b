/** Reasons for the preload to leave a process alone. */
import { SUPPORTED_NODE } from './loader/node-features';
import { currentRuntime } from './tracing/runtime';

/** `silent`: what people do on purpose or what happens in every process; anything else is worth one line. */
export interface Reason {
  readonly silent: boolean;
  readonly text: string;
}

/** Symbol of @opentelemetry/api 1.x under which SDKs register. */
export const API_KEY = Symbol.for('opentelemetry.js.api.1');

/** Tools that run under an inherited NODE_OPTIONS without being anybody's app: names of their main files. */
const PACKAGE_MANAGERS = ['npm', 'npm-cli', 'npx', 'npx-cli', 'yarn', 'yarnpkg', 'pnpm', 'pnpx', 'corepack'];

const EXTENSIONS = ['.js', '.cjs', '.mjs'];

/** Where Yarn 2 and later lies in a project that brings its own: `.yarn/releases/yarn-4.10.3.cjs`. */
const YARN_RELEASE = '.yarn/releases/yarn-';

export function reasonToStandAside(version: string, folder: string): Reason | undefined {
  if (isOtherRuntime()) return { silent: false, text: 'only Node.js is supported; this is another runtime' };
  if (!SUPPORTED_NODE) {
    return { silent: false, text: `Node ${process.versions.node} is too old; 20.6 or later is needed` };
  }
  const running = currentRuntime();
  if (running !== undefined) {
    // The same copy twice (--import and import in code) is the documented way of use.
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

/** `program` is the path of the main file, as in process.argv[1]. */
export function isPackageManager(program: string): boolean {
  const path = program.replaceAll('\\', '/');
  const base = path.slice(path.lastIndexOf('/') + 1);
  const extension = EXTENSIONS.find((each) => base.endsWith(each)) ?? '';
  const name = base.slice(0, base.length - extension.length);
  return PACKAGE_MANAGERS.includes(name) || path.includes(YARN_RELEASE);
}
