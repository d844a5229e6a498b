/**
 * A server under a steady load, its backend away half of the time, one request in ten given up. After each outage the
 * load pauses, and what the server then holds is measured: it must not grow, and nothing may be open or unaccounted for.
 */
import assert from 'node:assert/strict';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { type RunningApp, runApp } from '../helpers/run-app';
import type { Account } from '../reliability/conservation';
import { type Load, sendSteadily } from './steady-load';

export interface SoakOptions {
  cycles: number;
  /** Backend up, then answering 503, then not there at all: a half, a quarter, a quarter of it. */
  cycleMs: number;
  perSecond: number;
}

interface Told {
  requests: number;
  stats: Account['stats'];
}

interface Held extends Told {
  heapUsed: number;
  external: number;
  rss: number;
  handles: Record<string, number>;
}

export interface SoakReport {
  load: Load;
  /** One per cycle. */
  held: Held[];
  last: Told;
  /** By the receiver: spans that came, those of them with an id of their own, and server spans. */
  arrived: { all: number; distinct: number; server: number };
  stderr: string;
}

export async function soak({ cycles, cycleMs, perSecond }: SoakOptions): Promise<SoakReport> {
  let receiver = await startOtlpReceiver();
  const { port: backendPort, url } = receiver;
  const app = await runApp({
    entry: 'fixtures/soak/app.cjs',
    nodeArgs: ['--expose-gc'],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: url, CANVASOPS_IGNORE_PATHS: '/measure,/end' },
    boundMs: cycles * (cycleMs + 60_000),
  });
  const load: Load = { sent: 0, aborted: 0, answered: 0 };
  const ids = new Set<string>();
  const arrived = { all: 0, distinct: 0, server: 0 };
  const collect = (from: OtlpReceiver): void => {
    for (const { spanId, kind } of from.spans()) {
      ids.add(spanId);
      arrived.all++;
      if (kind === 'server') arrived.server++;
    }
    arrived.distinct = ids.size;
    from.clear();
  };
  const held: Held[] = [];
  try {
    for (let cycle = 0; cycle < cycles; cycle++) {
      await sendSteadily(app.port, perSecond, cycleMs / 2, load);
      receiver.answer({ status: 503 });
      await sendSteadily(app.port, perSecond, cycleMs / 4, load);
      // Nothing that was accepted can be on its way now: an answer that is lost would mean a span that comes twice.
      collect(receiver);
      await receiver.close();
      await sendSteadily(app.port, perSecond, cycleMs / 4, load);
      receiver = await startOtlpReceiver({ port: backendPort });
      held.push(await quiet(app, held[0]));
      collect(receiver);
    }
    const last = (await app.get('/end')).json<Told & Record<string, unknown>>();
    collect(receiver);
    const { code } = await app.exit;
    assert.equal(code, 0, app.stderr());
    return { load, held, last, arrived, stderr: app.stderr() };
  } finally {
    await app.stop('SIGKILL');
    await receiver.close();
  }
}

/** Measures until nothing is open and no more handles are held than at first, since sockets take a moment to close. */
async function quiet(app: RunningApp, first: Held | undefined): Promise<Held> {
  let held: Held | undefined;
  for (let attempt = 0; attempt < 20; attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    held = (await app.get('/measure')).json<Held & Record<string, unknown>>();
    if (held.stats.open === 0 && (first === undefined || countOf(held) <= countOf(first))) break;
  }
  assert.ok(held);
  return held;
}

/** Without `timer`: V8's delayed work (shrinking the heap, say) has timers, which come and go by themselves. */
function countOf({ handles }: Held): number {
  return Object.entries(handles).reduce((sum, [type, count]) => (type === 'timer' ? sum : sum + count), 0);
}

/** `bytesPerRequest`: what a request may leave behind, which no leak of a span, a header or a closure would fit in. */
export function assertSteady(report: SoakReport, bytesPerRequest: number): void {
  const { load, held, last, arrived, stderr } = report;
  // In the first cycle code is still being compiled, and kept.
  const [first, settled] = held;
  const latest = held.at(-1);
  assert.ok(first && settled && latest);
  for (const one of held) {
    assert.equal(one.stats.open, 0, 'open spans');
    assert.equal(one.stats.pending, 0, 'pending spans');
    assert.ok(
      countOf(one) <= countOf(first),
      `handles: ${JSON.stringify(first.handles)}, then ${JSON.stringify(one.handles)}`,
    );
  }
  const growth = (memoryOf(latest) - memoryOf(settled)) / (latest.requests - settled.requests);
  assert.ok(growth < bytesPerRequest, `${growth} bytes per request are left behind`);

  const dropped = Object.values(last.stats.dropped).reduce((sum, count) => sum + count, 0);
  assert.equal(last.stats.created, last.stats.delivered + dropped, JSON.stringify(last.stats));
  assert.deepEqual(last.stats.dropped, {}, 'a queue of 16 MiB holds what comes during an outage');
  assert.equal(arrived.distinct, last.stats.delivered);
  assert.equal(arrived.all, arrived.distinct, 'a span arrived twice');
  assert.equal(arrived.server, last.requests, 'each request that the app saw has one span');
  assert.equal(load.answered, load.sent - load.aborted, 'requests that nobody gave up were answered');
  assert.doesNotMatch(stderr, /failed and is off/);
}

function memoryOf({ heapUsed, external }: Held): number {
  return heapUsed + external;
}

/** For the log of a run. */
export function describeSoak({ load, held, last, arrived }: SoakReport): string[] {
  const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(2);
  return [
    `${load.sent} requests sent, ${load.aborted} given up; the app saw ${last.requests}; ${arrived.all} spans arrived`,
    JSON.stringify(last.stats),
    ...held.map(
      (one, cycle) =>
        `cycle ${cycle + 1}: heap ${mib(one.heapUsed)} MiB, external ${mib(one.external)} MiB, resident ${mib(one.rss)} MiB, ${countOf(one)} handles ${JSON.stringify(one.handles)}, open ${one.stats.open}`,
    ),
  ];
}
