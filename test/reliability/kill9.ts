/** Processes that are killed during an outage, and what the first start after it delivers. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { runApp } from '../helpers/run-app';
import { account } from './conservation';

const RATE = 300;
/** What is younger may be lost. */
const YOUNG_MS = 1000;
const LANES = 2;

export interface KillResult {
  /** Spans that had to be there, and that were there altogether. */
  due: number;
  arrived: number;
}

/** Two processes at a time share the folder; each is killed at some moment, `kills` in all. */
export async function killDuringOutage(kills: number): Promise<KillResult> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'canvasops-spool-'));
  const receiver = await startOtlpReceiver();
  const { port, url } = receiver;
  await receiver.close();
  const due: string[] = [];
  let killed = 0;
  const lane = async (): Promise<void> => {
    while (killed < kills) {
      const who = `process-${killed++}`;
      for (let i = await makeAndKill(who, folder, url); i > 0; i--) due.push(`${who} ${i - 1}`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));

  const back = await startOtlpReceiver({ port });
  const told = await account(
    [{ spans: 1 }, { flush: 5000 }, { wait: 1000 }, { flush: 20_000 }],
    envOf(folder, url),
  );
  assert.deepEqual(told.lines, [], 'nothing in the folder was damaged');
  const names = back.spans().map(({ name }) => name);
  const arrived = new Set(names);
  assert.equal(arrived.size, names.length, 'a span arrived twice');
  const missing = due.filter((name) => !arrived.has(name));
  assert.deepEqual(
    missing,
    [],
    `${missing.length} of ${due.length} spans older than ${YOUNG_MS} ms are lost`,
  );
  assert.deepEqual(readdirSync(folder), [], 'everything has been sent, so nothing is left');
  await back.close();
  rmSync(folder, { recursive: true });
  return { due: due.length, arrived: arrived.size };
}

/** Returns how many spans had been there for a second when it was killed. */
async function makeAndKill(who: string, folder: string, url: string): Promise<number> {
  const app = await runApp({
    entry: 'fixtures/conservation/app.cjs',
    waitFor: 'spawn',
    env: { ...envOf(folder, url), WHO: who, STEPS: JSON.stringify([{ rate: RATE, ms: 60_000 }]) },
  });
  await app.waitForOutput('made ');
  await new Promise((resolve) => setTimeout(resolve, 1000 + Math.random() * 2000));
  const killedAt = Date.now();
  app.child.kill('SIGKILL');
  await app.exit;
  let old = 0;
  for (const [, made, at] of app.stdout().matchAll(/^made (\d+) (\d+)$/gm)) {
    if (Number(at) <= killedAt - YOUNG_MS) old = Number(made);
  }
  return old;
}

function envOf(folder: string, url: string): Record<string, string> {
  return {
    CANVASOPS_SPOOL_DIR: folder,
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_BSP_SCHEDULE_DELAY: '5000',
  };
}
