/** Loads the module named by CANVASOPS_EXPORTER and finds the exporter in it. Explains what went wrong. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { firstLine } from '../../../text/thrown';
import type { EndedSpan, ReadableSpanView } from '../../../tracing/types';
import type { Trouble } from '../../types';

/** Whether `require()` loads ES modules: by default since Node 20.19 and 22.12. It does not load those with a top-level await. */
const LOADS_ESM_SYNCHRONOUSLY = (process.features as { require_module?: boolean }).require_module === true;

const SHAPE =
  'its default export must be an object with the methods export(spans, callback) and shutdown(), or a function that returns one';

export type Spans = readonly (EndedSpan & ReadableSpanView)[];

/** The part of the official SDK's `SpanExporter` that is used. */
export interface SpanExporter {
  export(spans: Spans, callback: (result: { code: number; error?: Error }) => void): unknown;
  shutdown?(): unknown;
}

/** An error whose explanation is logged. */
export class UnusableExporter extends Error {
  readonly trouble: Trouble;

  constructor(reason: string, fix: string) {
    super(reason);
    this.trouble = { reason: `the exporter cannot be used: ${reason}`, fix };
  }
}

/**
 * Loads an exporter, synchronously if possible. While an `import()` runs, the end of the process cannot wait for it.
 * Since Node 24 it cannot load the same file by itself either.
 *
 * @param module Absolute path or bare specifier.
 * @throws {UnusableExporter} (rejects with) The module cannot be loaded, or has no exporter.
 */
export async function loadExporter(module: string): Promise<SpanExporter> {
  const file = resolveModule(module);
  return exporterOf(await made(await loaded(file)));
}

/**
 * Loads an exporter synchronously, at the end of the process.
 *
 * @param module Absolute path or bare specifier.
 * @throws {UnusableExporter} The module cannot be loaded synchronously, or has no exporter.
 */
export function loadExporterSync(module: string): SpanExporter {
  const file = resolveModule(module);
  let exports: unknown;
  try {
    exports = fromApp()(file);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ERR_REQUIRE_ASYNC_MODULE' || code === 'ERR_REQUIRE_ESM') throw needsTime();
    throw notLoaded(error, file);
  }
  const exporter = made(exports);
  if (isThenable(exporter)) {
    exporter.then(undefined, () => undefined);
    throw needsTime();
  }
  return exporterOf(exporter);
}

function needsTime(): UnusableExporter {
  return new UnusableExporter('it cannot be loaded while the process ends', 'call flush() before the end');
}

/** @returns A `require()` that looks for modules from the working directory. */
function fromApp(): NodeJS.Require {
  return createRequire(path.join(process.cwd(), 'noop.js'));
}

async function loaded(file: string): Promise<unknown> {
  try {
    if (LOADS_ESM_SYNCHRONOUSLY) return fromApp()(file);
  } catch (error) {
    if (codeOf(error) !== 'ERR_REQUIRE_ASYNC_MODULE') throw notLoaded(error, file);
  }
  try {
    return (await import(pathToFileURL(file).href)) as unknown;
  } catch (error) {
    throw notLoaded(error, file);
  }
}

function resolveModule(module: string): string {
  try {
    return fromApp().resolve(module);
  } catch (error) {
    if (codeOf(error) !== 'MODULE_NOT_FOUND') {
      throw new UnusableExporter(firstLine(error), 'name a file of the package that require() may load');
    }
    if (path.isAbsolute(module)) {
      throw new UnusableExporter(
        `there is no file ${module}`,
        'correct the path in CANVASOPS_EXPORTER, which starts at the working directory and ends in the file extension',
      );
    }
    throw new UnusableExporter(
      `the package ${module} is not installed where ${process.cwd()} would find it`,
      `install it in the app, or write ./${module} for a file`,
    );
  }
}

/** Explains why loading failed, although the file exists. */
function notLoaded(error: unknown, file: string): UnusableExporter {
  const message = firstLine(error);
  switch (codeOf(error)) {
    case 'MODULE_NOT_FOUND':
    case 'ERR_MODULE_NOT_FOUND':
      return new UnusableExporter(
        `${file} loads a module that is missing: ${message}`,
        'install it, or correct the import',
      );
    default:
      if (isSyntaxError(error)) {
        return new UnusableExporter(
          `${file}, or a file that it loads, has a syntax error: ${message}`,
          `correct it; node ${file} shows where`,
        );
      }
      return new UnusableExporter(
        `${file} threw while it was loaded: ${message}`,
        'correct what it does when it is loaded, which is when the first span ends',
      );
  }
}

/** @returns Whether it is an error of Node's compiler. Its stack begins in Node, that of JSON.parse in the code that called it. */
function isSyntaxError(error: unknown): boolean {
  if (!(error instanceof SyntaxError)) return false;
  const frame = String(error.stack)
    .split('\n')
    .find((line) => line.trimStart().startsWith('at '));
  return frame === undefined || frame.includes('node:internal/');
}

/**
 * @returns The default export, also where a bundler or TypeScript has wrapped it once more. A function is called, and a
 *   class is instantiated.
 */
function made(exports: unknown): unknown {
  let candidate = defaultOf(exports);
  if (!isExporter(candidate) && typeof candidate !== 'function') candidate = defaultOf(candidate);
  if (typeof candidate !== 'function' || isExporter(candidate)) return candidate;
  try {
    if (isExporter(candidate.prototype)) return new (candidate as new () => unknown)();
    const result = (candidate as () => unknown)();
    return isThenable(result) ? result.then(undefined, refuse) : result;
  } catch (error) {
    return refuse(error);
  }
}

function refuse(error: unknown): never {
  throw new UnusableExporter(
    `the function that it exports threw: ${firstLine(error)}`,
    'correct that function, which is called without arguments',
  );
}

function exporterOf(candidate: unknown): SpanExporter {
  if (isExporter(candidate)) return candidate;
  throw new UnusableExporter('it has no method export()', SHAPE);
}

function defaultOf(module: unknown): unknown {
  const inner =
    typeof module === 'object' && module !== null ? (module as { default?: unknown }).default : undefined;
  return inner ?? module;
}

function isExporter(value: unknown): value is SpanExporter {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return typeof (value as { export?: unknown }).export === 'function';
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}

function codeOf(error: unknown): unknown {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}
