/** Which way of hooking this Node offers. One constant per difference, with the change that made it. */

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

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
