// The client: raw sockets that write requests prepared beforehand and look at no more of an answer than its length, so
// that most of the processor's time is the server's. Runs in a process of its own; its parent sends jobs by message.
//   { port, paths, connections, count }               as many requests as the server can take
//   { port, paths, connections, perSecond, seconds }  at a fixed rate, whatever the server does
import { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

process.on('message', async (job) => {
  try {
    process.send(job.perSecond === undefined ? await saturate(job) : await atRate(job));
  } catch (error) {
    process.send({ error: String(error) });
  }
});

/** One keep-alive connection with one request at a time. */
class Connection {
  #socket = new Socket();
  #received = [];
  #bytes = 0;
  #expected = -1;
  #done;
  #fail;

  async open(port) {
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (chunk) => this.#take(chunk));
    this.#socket.on('error', (error) => this.#fail?.(error));
    this.#socket.on('close', () => this.#fail?.(new Error('the server closed a connection')));
    await new Promise((resolve, reject) => {
      this.#fail = reject;
      this.#socket.connect(port, '127.0.0.1', resolve);
    });
  }

  /** @param done called with the answer's status */
  send(bytes, done, fail) {
    this.#done = done;
    this.#fail = fail;
    this.#socket.write(bytes);
  }

  close() {
    this.#fail = undefined;
    this.#socket.destroy();
  }

  #take(chunk) {
    this.#received.push(chunk);
    this.#bytes += chunk.length;
    if (this.#expected < 0) this.#expected = lengthOf(Buffer.concat(this.#received));
    if (this.#expected < 0 || this.#bytes < this.#expected) return;
    const [first] = this.#received;
    // "HTTP/1.1 200"
    const status = Number(first.latin1Slice(9, 12));
    this.#received = [];
    this.#bytes = 0;
    this.#expected = -1;
    this.#done(status);
  }
}

/** Of the whole answer in bytes; -1 while its headers are not complete. The servers measured here send a length. */
function lengthOf(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return -1;
  const length = /content-length: (\d+)/i.exec(bytes.latin1Slice(0, end))?.[1];
  if (length === undefined) throw new Error(`an answer without a length: ${bytes.latin1Slice(0, end)}`);
  return end + 4 + Number(length);
}

async function open({ port, connections }) {
  const list = Array.from({ length: connections }, () => new Connection());
  await Promise.all(list.map((connection) => connection.open(port)));
  return list;
}

function requestsOf({ paths, port }) {
  return paths.map((path) => Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: bench/1.0\r\n\r\n`));
}

async function saturate(job) {
  const { count } = job;
  const requests = requestsOf(job);
  const list = await open(job);
  const begun = performance.now();
  let sent = 0;
  let answered = 0;
  await new Promise((resolve, reject) => {
    const next = (connection) => {
      if (sent >= count) return;
      connection.send(
        requests[sent++ % requests.length],
        (status) => {
          if (status !== 200) reject(new Error(`a request was answered with ${status}`));
          if (++answered === count) resolve();
          else next(connection);
        },
        reject,
      );
    };
    for (const connection of list) next(connection);
  });
  const seconds = (performance.now() - begun) / 1000;
  for (const connection of list) connection.close();
  return { seconds, perSecond: count / seconds };
}

/** A latency counts from when its request was due, so that a stall of the server is not left out. */
async function atRate(job) {
  const { perSecond, seconds } = job;
  const requests = requestsOf(job);
  const free = await open(job);
  const all = [...free];
  const due = [];
  const latencies = [];
  const count = Math.floor(perSecond * seconds);
  const begun = performance.now();
  let made = 0;
  await new Promise((resolve, reject) => {
    const start = () => {
      while (free.length > 0 && due.length > 0) {
        const connection = free.pop();
        const at = due.shift();
        connection.send(
          requests[latencies.length % requests.length],
          (status) => {
            if (status !== 200) reject(new Error(`a request was answered with ${status}`));
            latencies.push(performance.now() - at);
            free.push(connection);
            if (latencies.length === count) resolve();
            else start();
          },
          reject,
        );
      }
    };
    const tick = () => {
      const until = Math.min(count, ((performance.now() - begun) / 1000) * perSecond);
      for (; made < until; made++) due.push(begun + (made / perSecond) * 1000);
      start();
      if (made < count) setImmediate(tick);
    };
    tick();
  });
  for (const connection of all) connection.close();
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))];
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: latencies.at(-1), perSecond };
}
