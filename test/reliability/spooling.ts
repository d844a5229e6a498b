/** Runs with CANVASOPS_SPOOL_DIR: one that cannot deliver, and the next one that can. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { type Account, account, type Step } from './conservation';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export function newFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'canvasops-spool-'));
  folders.push(folder);
  return folder;
}

export function files(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.includes('.spans'));
}

export type Env = Record<string, string>;
const nobody = 'http://127.0.0.1:1';
const one: Step[] = [{ spans: 1 }, { flush: 10_000 }, { wait: 300 }, { flush: 10_000 }];

/** Four processes on two cores. */
export const patient: Step[] = [{ spans: 1 }, { wait: 3000 }, { flush: 10_000 }];

/** An outage that this process does not see the end of. */
export function outage(folder: string, steps: Step[], env: Env = {}): Promise<Account> {
  return account(steps, {
    OTEL_EXPORTER_OTLP_ENDPOINT: nobody,
    CANVASOPS_SPOOL_DIR: folder,
    SHUTDOWN_MS: '100',
    ...env,
  });
}

export function nextStart(folder: string, url: string, env: Env = {}, steps = one): Promise<Account> {
  return account(steps, { OTEL_EXPORTER_OTLP_ENDPOINT: url, CANVASOPS_SPOOL_DIR: folder, ...env });
}
