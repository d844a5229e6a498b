/** A steady load with clients that give up: before the answer, in the middle of it, in the middle of their own body. */
import http from 'node:http';

const PATHS = ['/inner', '/outer', '/stream', '/outer', '/inner', '/fail', '/stream', '/inner', '/outer'];
const TICK_MS = 10;

export interface Load {
  sent: number;
  aborted: number;
  answered: number;
}

/** So many requests per second for so long; every tenth is given up. Resolves when the last one is over. */
export async function sendSteadily(port: number, perSecond: number, ms: number, load: Load): Promise<void> {
  const from = performance.now();
  const open: Promise<void>[] = [];
  const before = load.sent;
  for (let elapsed = 0; elapsed < ms; elapsed = performance.now() - from) {
    const due = Math.floor((Math.min(elapsed, ms) * perSecond) / 1000);
    while (load.sent - before < due) open.push(send(port, load.sent++, load));
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  await Promise.all(open);
}

function send(port: number, n: number, load: Load): Promise<void> {
  const turn = n % 10;
  if (turn < 9) return request(port, PATHS[turn] ?? '/inner', load);
  load.aborted++;
  const how = Math.floor(n / 10) % 3;
  if (how === 0) return request(port, '/outer', load, (outgoing) => setTimeout(() => outgoing.destroy(), 5));
  if (how === 1) {
    return request(port, '/stream', load, (outgoing) => {
      outgoing.once('response', (incoming) => incoming.once('data', () => outgoing.destroy()));
    });
  }
  return request(port, '/upload', load, (outgoing) => {
    outgoing.write('x'.repeat(100), () => setTimeout(() => outgoing.destroy(), 5));
  });
}

function request(
  port: number,
  path: string,
  load: Load,
  giveUp?: (outgoing: http.ClientRequest) => void,
): Promise<void> {
  return new Promise((resolve) => {
    const outgoing = http.request({ host: '127.0.0.1', port, path, agent: false, method: 'POST' });
    outgoing.once('close', resolve);
    outgoing.once('error', () => undefined);
    outgoing.once('response', (incoming) => {
      incoming.on('error', () => undefined);
      if (giveUp === undefined) incoming.resume().once('end', () => load.answered++);
    });
    giveUp?.(outgoing);
    // A body that is written and not ended is one that is given up.
    if (path !== '/upload') outgoing.end();
  });
}
