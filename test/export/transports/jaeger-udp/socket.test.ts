import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { UdpSocket } from '../../../../src/export/transports/jaeger-udp/socket';
import { stayAlive } from '../../harness';

async function listen(port = 0): Promise<dgram.Socket> {
  const socket = dgram.createSocket('udp4').bind(port, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** A port where nobody listens. */
async function closedPort(): Promise<number> {
  const socket = await listen();
  const { port } = socket.address();
  socket.close();
  return port;
}

const code = (expected: string) => (error: NodeJS.ErrnoException) => error.code === expected;
const packet = Buffer.alloc(60_000);

describe('the UDP socket', () => {
  let mayEnd: () => void;
  before(() => {
    mayEnd = stayAlive();
  });
  after(() => mayEnd());

  it('never sends faster than a busy receiver reads', async () => {
    const receiver = await listen();
    receiver.setRecvBufferSize(8 * 1024 * 1024);
    const start = performance.now();
    let bytes = 0;
    let count = 0;
    let mostAhead = 0;
    receiver.on('message', ({ length }) => {
      bytes += length;
      count++;
      // What has been received had been sent before, so a late look only makes this smaller.
      mostAhead = Math.max(mostAhead, bytes - (performance.now() - start) * 6500);
    });
    const socket = new UdpSocket('127.0.0.1', receiver.address().port);
    for (let i = 0; i < 20; i++) await socket.send(packet, 5000);
    while (count < 20) await once(receiver, 'message');
    assert.ok(mostAhead <= 190_000, `${mostAhead} bytes ahead`);
    socket.close();
    receiver.close();
  });

  it('tells of a closed port, and is usable once it is open', async () => {
    const port = await closedPort();
    const socket = new UdpSocket('127.0.0.1', port);
    await assert.rejects(async () => {
      await socket.send(packet, 1000);
      await socket.refusal();
    }, code('ECONNREFUSED'));
    const receiver = await listen(port);
    await socket.send(Buffer.from('x'), 1000);
    await socket.refusal();
    socket.close();
    receiver.close();
  });

  it('fails the next packet where a port closes later', async () => {
    const receiver = await listen();
    const socket = new UdpSocket('127.0.0.1', receiver.address().port);
    await socket.send(Buffer.from('x'), 1000);
    await socket.refusal();
    await new Promise<void>((resolve) => receiver.close(resolve));
    await socket.send(Buffer.from('x'), 1000);
    await socket.refusal().catch(() => undefined); // not waited for again so soon
    await assert.rejects(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      await socket.send(Buffer.from('x'), 1000);
      await new Promise((resolve) => setTimeout(resolve, 50));
      await socket.send(Buffer.from('x'), 1000);
    }, code('ECONNREFUSED'));
    socket.close();
  });

  it('tells of a host that does not exist, each time', async () => {
    const socket = new UdpSocket('no-such-host.invalid', 6831);
    for (let i = 0; i < 2; i++)
      await assert.rejects(socket.send(Buffer.from('x'), 5000), (error: NodeJS.ErrnoException) =>
        ['ENOTFOUND', 'EAI_AGAIN'].includes(error.code ?? ''),
      );
    socket.close();
    socket.close();
  });
});
