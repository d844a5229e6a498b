/** Which way of hooking this Node offers. One constant per difference, with the change that made it. */
import { AsyncLocalStorage } from 'node:async_hooks';

const [major = 0, minor = 0, patch = 0] = process.versions.node
  .split('.')
  .map((part) => Number.parseInt(part, 10));

/** The oldest Node that works: `--import` and `module.register` in their present form came with 20.6. */
export const SUPPORTED_NODE = major > 20 || (major === 20 && minor >= 6);

/**
 * In a worker thread `process.chdir` and others only throw, and say so (lib/internal/process/worker_thread_only.js).
 * Asking `node:worker_threads` would load it, which takes a millisecond and a half.
 */
export const IS_WORKER_THREAD = (process.chdir as { disabled?: boolean }).disabled === true;

/**
 * The channel `http.client.request.created` is published at the end of the ClientRequest constructor since
 * 22.12 and 23.2 (nodejs/node#55586). Before, the constructor is seen through Agent.prototype.addRequest.
 */
export const HAS_CLIENT_REQUEST_CREATED =
  major > 23 || (major === 23 && minor >= 2) || (major === 22 && minor >= 12);

/**
 * `module.registerHooks` with a load hook, in the thread of the app. It came with 22.15 and 23.5 (nodejs/node#55698), but for
 * a CommonJS file that an ES module imports it then ran a `require` of its own: `import 'express'` fails under a hook that
 * does nothing (ERR_VM_MODULE_LINK_FAILURE). Put right in 22.22.3, 24.11.1 and 25.1 (nodejs/node#59929).
 */
export const HAS_SYNC_LOAD_HOOKS =
  major > 25 ||
  (major === 25 && minor >= 1) ||
  (major === 24 && (minor > 11 || (minor === 11 && patch >= 1))) ||
  (major === 22 && (minor > 22 || (minor === 22 && patch >= 3)));

/**
 * What is entered in a callback of Node is gone when the callback ends: AsyncLocalStorage is built on AsyncContextFrame, the
 * default since 24.0 (nodejs/node#55552), and on request in 22. The older one, on async_hooks, ties it to the resource of
 * the callback, which for a server is the parser of the connection: the next request would find it. Only that one has
 * `_enable`; both can be chosen by flags.
 */
export const CONTEXTS_END_WITH_CALLBACK = !('_enable' in AsyncLocalStorage.prototype);

/**
 * Before 'request', node:http looks for `expect` and `host`, and so builds the headers of every request
 * (`parserOnIncoming` in lib/_http_server.js). It has stopped to do so between 24 and 26.
 */
export const BUILDS_HEADERS_OF_REQUESTS = major <= 24;
