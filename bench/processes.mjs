// The processes of a measurement: backend, client, and the server that is measured. All of them end with this one.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const fileOf = (name) => fileURLToPath(new URL(name, import.meta.url));

/** A child that answers each message with one. */
function helper(file) {
  const child = fork(fileOf(file), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  return {
    child,
    async ask(message) {
      child.send(message);
      const [answer] = await once(child, 'message');
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer;
    },
    close: () => child.disconnect(),
  };
}

/** @returns a backend on loopback; `take()` gives the number of spans that came since the last call */
export async function startSink() {
  const { child, ask, close } = helper('sink.mjs');
  const [{ port }] = await once(child, 'message');
  return { port, take: async () => (await ask('take')).spans, close };
}

/** @returns a client: see load.mjs for its jobs */
export function startLoad() {
  const { ask, close } = helper('load.mjs');
  return { run: ask, close };
}

/**
 * @param app name of a file in apps/
 * @param options.binary of Node
 * @param options.variant one of variants.mjs
 * @returns the running app; `ask('usage')` gives CPU microseconds and peak memory in bytes since it began
 */
export async function startApp(app, { binary, variant, sinkPort, env = {} }) {
  const { flags, env: variantEnv } = variant;
  const child = fork(fileOf(`apps/${app}.cjs`), {
    execPath: binary,
    execArgv: flags,
    env: { PATH: process.env.PATH, ...env, ...variantEnv(sinkPort) },
    stdio: ['ignore', 'ignore', process.env.BENCH_VERBOSE ? 'inherit' : 'ignore', 'ipc'],
  });
  const [{ port }] = await once(child, 'message');
  return {
    port,
    async ask(what) {
      child.send(what);
      const [answer] = await once(child, 'message');
      return answer;
    },
    /** Spans of the last batch leave on a timer: the same time for every variant, then the same end. */
    async end() {
      const gone = once(child, 'exit');
      child.send('end');
      await gone;
    },
  };
}
