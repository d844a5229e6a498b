// The client: raw sockets that write requests prepared beforehand and look at no more of an answer than its status and
// length, so that most of the processor's time is the server's. Runs in a process of its own; its parent sends jobs.
//   { port, paths, connections, count }             as many requests a second as the server can take
//   { port, paths, connections, count, perSecond }  at a fixed rate, whatever the server does
import { performance } from 'node:perf_hooks';
import { openConnections } from './connection.mjs';

/** Between looks at the clock, the client at a fixed rate sleeps: it may share its processor with a database. */
const NAP_MS = 0.1;

process.on('message', async (job) => {
  try {
    process.send(job.perSecond === undefined ? await saturate(job) : await atRate(job));
  } catch (error) {
    process.send({ error: String(error) });
  }
});

// The parent may be gone in the middle of a job.
process.on('disconnect', () => process.exit(0));

function requestsOf({ paths, port }) {
  const head = `HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: bench/1.0\r\n\r\n`;
  return paths.map((path) => Buffer.from(`GET ${path} ${head}`));
}

async function saturate(job) {
  const { count } = job;
  const requests = requestsOf(job);
  const connections = await openConnections(job);
  const begun = performance.now();
  let sent = 0;
  let answered = 0;
  await new Promise((resolve, reject) => {
    const next = (connection) => {
      if (sent >= count) return;
      connection.send(requests[sent++ % requests.length], reject, () => {
        if (++answered === count) resolve();
        else next(connection);
      });
    };
    for (const connection of connections) next(connection);
  });
  const seconds = (performance.now() - begun) / 1000;
  for (const connection of connections) connection.close();
  return { perSecond: count / seconds };
}

/** A latency counts from when its request was due, so that a stall of the server is not left out. */
async function atRate(job) {
  const { perSecond, count } = job;
  const requests = requestsOf(job);
  const connections = await openConnections(job);
  const free = [...connections];
  const latencies = [];
  const begun = performance.now();
  const dueAt = (index) => begun + (index / perSecond) * 1000;
  let sent = 0;
  await new Promise((resolve, reject) => {
    const sendWhatIsDue = () => {
      while (sent < count && free.length > 0 && dueAt(sent) <= performance.now()) {
        const connection = free.pop();
        const due = dueAt(sent);
        connection.send(requests[sent++ % requests.length], reject, () => {
          latencies.push(performance.now() - due);
          free.push(connection);
          if (latencies.length === count) resolve();
        });
      }
    };
    const tick = () => {
      sendWhatIsDue();
      if (sent < count && dueAt(sent) > performance.now()) nap();
      if (latencies.length < count) setImmediate(tick);
    };
    tick();
  });
  for (const connection of connections) connection.close();
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.floor(count * share)];
  return { p50: at(0.5), p99: at(0.99) };
}

const napping = new Int32Array(new SharedArrayBuffer(4));

function nap() {
  Atomics.wait(napping, 0, 0, NAP_MS);
}
