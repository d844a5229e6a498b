/** Backends that would have our memory, our keys, or our trust: nothing of it, and the account still adds up. */
import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { makeCertificates } from '../helpers/tls';
import { type Account, account, assertConserved, type Step } from './conservation';

const KEY = 'key-that-nobody-else-may-see';
const MIB = 1024 * 1024;

describe('a redirect', () => {
  for (const status of [301, 302, 307, 308]) {
    it(`of ${status} is not followed, and its target sees neither spans nor keys`, async () => {
      const target = await startOtlpReceiver();
      const headers = { location: `${target.url}/v1/traces` };
      const receiver = await startOtlpReceiver({ answer: { status, headers } });
      const told = await account([{ spans: 100 }, { flush: 5000 }], {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${KEY}`,
      });
      assertConserved(told, []);
      assert.deepEqual(told.stats.dropped, { refused: 100 });
      assert.equal(receiver.requests[0]?.headers['x-api-key'], KEY);
      assert.equal(target.connectionCount, 0);
      assert.ok(told.lines.every((line) => !line.includes(KEY)));
      await Promise.all([receiver.close(), target.close()]);
    });
  }
});

describe('TLS that fails', () => {
  async function counted(url: string): Promise<Account> {
    const told = await account([{ spans: 100 }, { flush: 1000 }], { OTEL_EXPORTER_OTLP_ENDPOINT: url });
    assertConserved(told, []);
    assert.equal(told.stats.created, 100);
    return told;
  }

  it('because the certificate is nobody we trust', async () => {
    const certificates = makeCertificates();
    const receiver = await startOtlpReceiver({ tls: certificates.server });
    const told = await counted(receiver.url);
    assert.match(told.lines[0] ?? '', /OTEL_EXPORTER_OTLP_CERTIFICATE/);
    assert.equal(receiver.requests.length, 0);
    await receiver.close();
    certificates.remove();
  });

  it('because only one of both speaks it', async () => {
    const certificates = makeCertificates();
    const [secure, plain] = await Promise.all([
      startOtlpReceiver({ tls: certificates.server }),
      startOtlpReceiver(),
    ]);
    await counted(secure.url.replace('https:', 'http:'));
    await counted(plain.url.replace('http:', 'https:'));
    await Promise.all([secure.close(), plain.close()]);
    certificates.remove();
  });
});

describe('an answer that does not end', () => {
  const HONEST = 10;
  const HOSTILE = 20;
  const round: Step[] = [{ spans: 50 }, { flush: 5000 }];
  const steps: Step[] = [
    ...Array.from({ length: HONEST }, () => round).flat(),
    { memory: 'before' },
    ...Array.from({ length: HOSTILE }, () => round).flat(),
    { memory: 'after' },
  ];

  function assertSmall({ memory, stats }: Account, context: TestContext): void {
    const { before, after } = memory;
    assert.ok(before !== undefined && after !== undefined);
    const grown = { held: after.held - before.held, rss: after.rss - before.rss };
    context.diagnostic(`held: ${grown.held >> 10} KiB more, resident: ${grown.rss >> 10} KiB more`);
    assert.ok(grown.held < 8 * MIB, `${grown.held} bytes more are held`);
    // Of 20 GiB that were offered, and with what a heap grows by anyway.
    assert.ok(grown.rss < 24 * MIB, `the process grew by ${grown.rss} bytes`);
    assert.equal(stats.delivered + (stats.dropped.refused ?? 0), stats.created, JSON.stringify(stats));
  }

  for (const status of [200, 400]) {
    it(`1 GiB after ${status} is not read`, async (context) => {
      const backend = await startEndless(HONEST, status);
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url };
      assertSmall(await account(steps, env, ['--expose-gc']), context);
      // What the kernel's buffers on both sides hold, and no more.
      const perAnswer = backend.taken() / HOSTILE;
      context.diagnostic(`of each 1 GiB, ${Math.round(perAnswer / 1024)} KiB left the backend`);
      assert.ok(perAnswer < 32 * MIB, `${perAnswer} bytes of each answer were taken`);
      await backend.close();
    });
  }

  it('a gzip bomb is not unpacked', async (context) => {
    const bomb = gzipSync(Buffer.alloc(256 * MIB));
    const receiver: OtlpReceiver = await startOtlpReceiver({
      answer: (_request, index) =>
        index < HONEST ? {} : { headers: { 'content-encoding': 'gzip' }, body: bomb },
    });
    const told = await account(steps, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }, ['--expose-gc']);
    assertSmall(told, context);
    assertConserved(told, receiver.spans());
    await receiver.close();
  });
});

/** Answers honestly so many times, then with 1 GiB. */
async function startEndless(
  honest: number,
  status: number,
): Promise<{ url: string; taken(): number; close(): Promise<void> }> {
  const chunk = Buffer.alloc(64 * 1024, 0x20);
  let requests = 0;
  let taken = 0;
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => {
      if (requests++ < honest) {
        response.end();
        return;
      }
      let left = 1024 * MIB;
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': left });
      const { socket } = request;
      socket.on('close', () => {
        taken += socket.bytesWritten;
      });
      const write = (): void => {
        while (left > 0 && !response.destroyed) {
          left -= chunk.length;
          if (!response.write(chunk)) {
            response.once('drain', write);
            return;
          }
        }
      };
      write();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    taken: () => taken,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
