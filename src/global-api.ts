/**
 * Makes our provider the one that `@opentelemetry/api` finds, in every copy of it that the app may have.
 *
 * The API keeps what is registered in one global object (its src/internal/global-utils.ts). We fill that object
 * ourselves: loading the package to do it would cost 20 ms at the start of programs that never use it.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ContextManager, TextMapPropagator, TracerProvider } from '@opentelemetry/api';
import { API_KEY } from './startup-guards';

interface GlobalApi {
  readonly version: string;
  trace: TracerProvider;
  context: ContextManager;
  propagation: TextMapPropagator;
}

/** The oldest version whose readers we have seen work; used where the installed one cannot be read. */
const FALLBACK_VERSION = '1.10.0';

export function registerGlobalApi(parts: Pick<GlobalApi, 'trace' | 'context' | 'propagation'>): void {
  const holder = globalThis as { [API_KEY]?: Partial<GlobalApi> };
  const api: Partial<GlobalApi> = holder[API_KEY] ?? {};
  if (api.version === undefined) {
    // Readers refuse a global of a lower minor version than their own, so it has to be the installed one's. Finding
    // that out waits for the first reader.
    let version: string | undefined;
    Object.defineProperty(api, 'version', {
      get: () => {
        version ??= installedVersion();
        return version;
      },
      enumerable: true,
      configurable: false,
    });
  }
  Object.assign(api, parts);
  if (holder[API_KEY] === undefined) {
    Object.defineProperty(globalThis, API_KEY, {
      value: api,
      configurable: true,
      enumerable: false,
      writable: true,
    });
  }
}

function installedVersion(): string {
  try {
    const entry = require.resolve('@opentelemetry/api');
    // Up from dist/index.cjs (1.10) or build/src/index.js (1.9).
    for (let folder = dirname(entry); folder !== dirname(folder); folder = dirname(folder)) {
      const manifest = readManifest(join(folder, 'package.json'));
      if (manifest?.name === '@opentelemetry/api' && typeof manifest.version === 'string')
        return manifest.version;
    }
  } catch {
    // bundled without the package: its readers are of the version we were built with
  }
  return FALLBACK_VERSION;
}

function readManifest(path: string): { name?: unknown; version?: unknown } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { name?: unknown; version?: unknown };
  } catch {
    return undefined;
  }
}
