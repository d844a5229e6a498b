/** Over real sockets: a server that takes connections over, and a client that asks it to. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { onFirstAnswer } from '../../src/instrumentations/operations/upgrade';

const ACCEPTED = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n';

interface Outcome {
  /** What `answered` was called with, per call. */
  answers: (number | undefined)[];
  received: string;
  /** Own properties that the socket has more than before. */
  left: PropertyKey[];
}

/** Runs `handle` for one upgrade request and waits until the connection is over. */
async function upgrade(
  handle: (socket: Duplex, response: () => ServerResponse) => void,
  prepare: (socket: Duplex) => void = () => undefined,
  request = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
): Promise<Outcome> {
  const answers: (number | undefined)[] = [];
  let left: PropertyKey[] = [];
  const server = createServer();
  const take = (message: ConstructorParameters<typeof ServerResponse>[0], socket: Duplex): void => {
    prepare(socket);
    const before = new Set(Reflect.ownKeys(socket));
    onFirstAnswer(socket, (status) => answers.push(status));
    assert.deepEqual(
      Object.keys(socket).filter((key) => !before.has(key)),
      [],
    );
    socket.on('error', () => undefined);
    socket.on('close', () => {
      left = Reflect.ownKeys(socket).filter((key) => !before.has(key) && typeof key === 'string');
    });
    handle(socket, () => {
      const response = new ServerResponse(message);
      response.assignSocket(socket as never);
      return response;
    });
  };
  server.on('upgrade', take).on('connect', take);
  await once(server.listen(0), 'listening');
  const client = connect((server.address() as AddressInfo).port).setEncoding('utf8');
  let received = '';
  client.on('data', (text: string) => {
    received += text;
  });
  client.on('error', () => undefined);
  client.setTimeout(10_000, () => client.destroy());
  client.write(request);
  await once(client, 'close');
  await new Promise((resolve) => server.close(resolve));
  return { answers, received, left };
}

const METHODS = ['write', 'end', 'destroy'];

test('accepted: 101, what is written arrives, and the socket has its own methods back', async () => {
  const { answers, received, left } = await upgrade((socket) => {
    socket.write(ACCEPTED);
    socket.write('hello ');
    socket.end('world');
  });
  assert.deepEqual(answers, [101]);
  assert.equal(received, `${ACCEPTED}hello world`);
  assert.deepEqual(
    left.filter((key) => METHODS.includes(String(key))),
    [],
  );
});

const ways: [
  name: string,
  handle: (socket: Duplex, response: () => ServerResponse) => void,
  status: number | undefined,
][] = [
  ['with end()', (socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'), 403],
  ['with bytes', (socket) => socket.end(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')), 400],
  [
    'with a plain Uint8Array',
    (socket) => socket.end(new TextEncoder().encode('HTTP/1.1 426 No\r\n\r\n')),
    426,
  ],
  [
    'with a ServerResponse',
    (socket, response) =>
      response()
        .writeHead(503, { connection: 'close' })
        .end('no', () => socket.end()),
    503,
  ],
  ['with something that is not HTTP', (socket) => socket.end('SSH-2.0-x\r\n'), undefined],
  ['with nothing', (socket) => socket.end(), undefined],
  ['by destroying the socket', (socket) => socket.destroy(), undefined],
  ['by destroying it with an error', (socket) => socket.destroy(new Error('no')), undefined],
];
for (const [name, handle, status] of ways) {
  test(`answered ${name}: ${status ?? 'no status'}, once`, async () => {
    const { answers } = await upgrade(handle);
    assert.deepEqual(answers, [status]);
  });
}

test('CONNECT is answered with 200', async () => {
  const { answers } = await upgrade(
    (socket) => socket.end('HTTP/1.1 200 Connection Established\r\n\r\n'),
    undefined,
    'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n',
  );
  assert.deepEqual(answers, [200]);
});

test('a client that goes away before there was an answer', async () => {
  const { answers } = await upgrade((socket) => {
    setTimeout(() => socket.emit('error', Object.assign(new Error('gone'), { code: 'ECONNRESET' })), 5);
    setTimeout(() => socket.destroy(), 10);
  });
  assert.deepEqual(answers, [undefined]);
});

test('methods that the socket had of its own before are called and stay', async () => {
  let written = 0;
  const { answers, received } = await upgrade(
    (socket) => {
      socket.write(ACCEPTED);
      socket.end('x');
    },
    (socket) => {
      const { write } = socket;
      socket.write = function (this: Duplex, ...args: unknown[]) {
        written++;
        return Reflect.apply(write as never, this, args);
      } as never;
    },
  );
  assert.deepEqual([answers, received], [[101], `${ACCEPTED}x`]);
  assert.equal(written, 1);
});

test('a method that the app replaces afterwards stays replaced, and nothing goes round in circles', async () => {
  let written = 0;
  const { answers, received } = await upgrade((socket) => {
    const { write } = socket;
    const counting = function (this: Duplex, ...args: unknown[]): boolean {
      written++;
      return Reflect.apply(write as never, this, args) as boolean;
    };
    socket.write = counting as never;
    socket.write(ACCEPTED);
    assert.equal(socket.write as unknown, counting);
    socket.write('a');
    socket.end('b');
  });
  assert.deepEqual([answers, received], [[101], `${ACCEPTED}ab`]);
  assert.equal(written, 2);
});
