// The processes of a measurement: backend, client, and the server that is measured. All of them end with this one.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A hung process must not hang the run: the longest answer is that of a client with all its requests. */
const LIMIT_MS = 10 * 60_000;
/** Batches leave twice a second (variants.mjs), and later where the machine is busy. */
const QUIET_MS = 2000;
const QUIET_LIMIT_MS = 60_000;

const fileOf = (name) => fileURLToPath(new URL(name, import.meta.url));

/** A child that answers each message with one; what it says on stderr is told when it fails. */
function start(file, { args = [], ...options }) {
  const child = fork(fileOf(file), args, { ...options, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-2000);
  });
  const answer = () =>
    new Promise((resolve, reject) => {
      const settle = (settled, value) => {
        clearTimeout(timer);
        child.off('message', onMessage);
        child.off('exit', onExit);
        settled(value);
      };
      const fail = (why) => settle(reject, new Error(`${file} ${why}. ${said}`));
      const onMessage = (message) =>
        message.error === undefined ? settle(resolve, message) : fail(`failed: ${message.error}`);
      const onExit = (code, signal) => fail(`ended with ${signal ?? code} instead of an answer`);
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        fail('did not answer in time');
      }, LIMIT_MS);
      child.on('message', onMessage);
      child.on('exit', onExit);
    });
  return {
    answer,
    ask(message) {
      child.send(message);
      return answer();
    },
    /** Ends the child, which ends when nobody is connected. */
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}

/**
 * @returns a backend on loopback: `take()` gives the number of spans that came since the last call, `quiet()` waits
 *   until some batch has come since then, and none for two seconds
 */
export async function startSink() {
  const { answer, ask, close } = start('sink.mjs', {});
  const { port } = await answer();
  async function quiet() {
    const begun = Date.now();
    let before = -1;
    for (;;) {
      const { requests } = await ask('requests');
      // Some wait for what they ask about their host before they send anything.
      const isDone = requests > 0 && requests === before;
      if (isDone || Date.now() - begun > QUIET_LIMIT_MS) return;
      before = requests;
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    }
  }
  return { port, take: async () => (await ask('take')).spans, quiet, close };
}

/** @returns a client: see load.mjs for its jobs */
export function startLoad() {
  const { ask, close } = start('load.mjs', {});
  return { run: ask, close };
}

/**
 * @param app name of a file in apps/
 * @param options.binary of Node
 * @param options.flags and `env`: a variant's, and what the app needs
 * @returns the running app; see apps/report.cjs for what it can be asked
 */
export async function startApp(app, { binary, flags, env }) {
  const options = { execPath: binary, execArgv: flags, env: { PATH: process.env.PATH, ...env } };
  const { answer, ask, close } = start(`apps/${app}.cjs`, options);
  const { port } = await answer();
  return { port, ask, close };
}
