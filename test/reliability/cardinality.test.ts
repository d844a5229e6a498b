/**
 * Whoever asks for something new each time fills no memory: random methods, hosts, paths, header names, trace headers,
 * statements, commands, tracers. What is held is compared after a part of the load, when all bounded memories are full,
 * and after all of it, and with the same program without the preload.
 */
import assert from 'node:assert/strict';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { serverUrl, skipWithout } from '../helpers/needs';
import { type RunningApp, runApp } from '../helpers/run-app';

const MIB = 1024 * 1024;
/** Beyond what the bare program grows by. */
const MAX_GROWTH = 2 * MIB;

/** Takes spans and looks at none: what is measured is the sender. */
const sink = http.createServer((incoming, response) => incoming.resume().on('end', () => response.end()));
const listening = new Promise<string>((resolve) => {
  sink.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(sink.address() as AddressInfo).port}`));
});
after(() => sink.close());

interface Held {
  bytes: number;
  rows: number;
  stats: { created: number; open: number; delivered: number };
}

async function start(flag: '--import' | 'none'): Promise<RunningApp> {
  return runApp({
    entry: 'fixtures/canaries/flood.cjs',
    flag,
    nodeArgs: ['--expose-gc'],
    env: {
      REDIS_URL: serverUrl('redis'),
      OTEL_EXPORTER_OTLP_ENDPOINT: await listening,
      OTEL_BSP_SCHEDULE_DELAY: '200',
      CANVASOPS_CAPTURE_REQUEST_HEADERS: 'x-random',
    },
  });
}

const random = (): string => Math.random().toString(36).slice(2, 12);
const METHODS = ['GET', 'PUT', 'PURGE', 'M-SEARCH', 'PROPFIND', 'REPORT', 'LOCK', 'MKCOL', 'UNLINK'];

function randomRequest(index: number): string {
  const x = random();
  const method = METHODS[index % METHODS.length];
  const lines = [
    `${method} /${x}/${x};${x}=1?${x}=${x} HTTP/1.1`,
    `Host: ${x}.example.com:${index % 65_536}`,
    `User-Agent: ${x}`,
    `X-${x}: ${x}`,
    `X-Random: ${x}`,
    `X-Forwarded-For: ${x}`,
    `traceparent: 00-${hex(32)}-${hex(16)}-01`,
    `tracestate: ${x}=${x},b=${x}`,
    `baggage: ${x}=${x},${x}b=${x}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function hex(length: number): string {
  let text = '';
  while (text.length < length) text += Math.floor(Math.random() * 0x10000000 + 0x10000000).toString(16);
  return text.slice(0, length);
}

/** On one connection, a hundred at a time. */
function incoming(port: number, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1' });
    let sent = 0;
    let answered = 0;
    let rest = '';
    const more = (): void => {
      let text = '';
      for (let i = 0; i < 100; i++) text += randomRequest(sent++);
      socket.write(text);
    };
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      const parts = (rest + chunk).split('HTTP/1.1 200');
      rest = (parts.at(-1) as string).slice(-12);
      answered += parts.length - 1;
      if (answered < sent) return;
      if (sent >= count) socket.end(() => resolve());
      else more();
    });
    socket.once('error', reject);
    more();
  });
}

async function flood(app: RunningApp, part: number): Promise<Held> {
  await incoming(app.port, 50_000 * part);
  for (const [kind, count] of [
    ['api', 20_000],
    ['client', 1000],
    ['redis', 10_000],
  ] as const) {
    const answer = await app.get(`/flood/${kind}?count=${count * part}`);
    assert.equal(answer.status, 200, answer.text);
  }
  return (await app.get('/heap')).json<Held & Record<string, unknown>>();
}

/** By how much more is held after all of the load than after a tenth of it. */
async function growth(flag: '--import' | 'none'): Promise<{ bytes: number; held: Held }> {
  const app = await start(flag);
  try {
    const first = await flood(app, 0.1);
    const held = await flood(app, 1);
    return { bytes: held.bytes - first.bytes, held };
  } finally {
    await app.stop();
  }
}

test('a hundred thousand different requests, queries and names', {
  skip: skipWithout('redis'),
}, async (context) => {
  const [bare, traced] = await Promise.all([growth('none'), growth('--import')]);
  context.diagnostic(`grew by ${traced.bytes} bytes, without the preload by ${bare.bytes}`);
  assert.ok(
    traced.bytes - bare.bytes < MAX_GROWTH,
    `${traced.bytes} bytes, without the preload ${bare.bytes}`,
  );
  assert.ok(traced.held.stats.created > 100_000, JSON.stringify(traced.held.stats));
  // The request that asks.
  assert.equal(traced.held.stats.open, 1);
  assert.ok(traced.held.rows <= 501, String(traced.held.rows));
});

test('spans that are never ended are the app’s, and nobody else holds them', {
  skip: skipWithout('redis'),
}, async () => {
  const app = await start('--import');
  await app.get('/flood/open?count=1000');
  const first = (await app.get('/heap')).json<Held & Record<string, unknown>>();
  assert.equal((await app.get('/flood/open?count=100000')).status, 200);
  const held = (await app.get('/heap')).json<Held & Record<string, unknown>>();
  await app.stop();
  assert.equal(held.stats.open, 101_001);
  assert.ok(held.bytes - first.bytes < MIB, `${held.bytes - first.bytes} bytes`);
});
