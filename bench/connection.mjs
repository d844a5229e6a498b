// One keep-alive connection with one request at a time.
import { Socket } from 'node:net';

/** @returns that many open connections to a server on loopback */
export async function openConnections({ port, connections }) {
  const list = Array.from({ length: connections }, () => new Connection());
  await Promise.all(list.map((connection) => connection.open(port)));
  return list;
}

class Connection {
  #socket = new Socket();
  #received = [];
  #bytes = 0;
  #expected = -1;
  #onAnswer;
  #onFailure;

  async open(port) {
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (chunk) => this.#take(chunk));
    this.#socket.on('error', (error) => this.#onFailure?.(error));
    this.#socket.on('close', () => this.#onFailure?.(new Error('the server closed a connection')));
    await new Promise((resolve, reject) => {
      this.#onFailure = reject;
      this.#socket.connect(port, '127.0.0.1', resolve);
    });
  }

  /**
   * @param onFailure gets an error when the connection fails or the answer is not a 200
   * @param onAnswer is called when the whole answer is there
   */
  send(bytes, onFailure, onAnswer) {
    this.#onFailure = onFailure;
    this.#onAnswer = onAnswer;
    this.#socket.write(bytes);
  }

  close() {
    this.#onFailure = undefined;
    this.#socket.destroy();
  }

  #take(chunk) {
    this.#received.push(chunk);
    this.#bytes += chunk.length;
    if (this.#expected < 0) {
      const answer = parse(this.#received.length === 1 ? chunk : Buffer.concat(this.#received));
      if (answer.fault !== undefined) return this.#onFailure(new Error(answer.fault));
      this.#expected = answer.length;
    }
    if (this.#expected < 0 || this.#bytes < this.#expected) return;
    this.#received = [];
    this.#bytes = 0;
    this.#expected = -1;
    this.#onAnswer();
  }
}

/** The length of the whole answer in bytes; -1 while its headers are not complete. */
function parse(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return { length: -1 };
  const head = bytes.latin1Slice(0, end);
  if (!head.startsWith('HTTP/1.1 200'))
    return { fault: `a request was answered with ${head.split('\r\n')[0]}` };
  // The servers measured here send a length.
  const length = /content-length: (\d+)/i.exec(head)?.[1];
  return length === undefined
    ? { fault: `an answer has no length: ${head}` }
    : { length: end + 4 + Number(length) };
}
