/** Runs the programs of `fixtures/esm-library`, whose libraries the registry does not have, with entries for them. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { installFolder } from '../helpers/fixtures';
import type { NodeVersion } from '../helpers/node-versions';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { fromRoot } from '../helpers/paths';
import { type RunAppOptions, runToExit } from '../helpers/run-app';

const FIXTURE = 'fixtures/esm-library';
export const INJECT = fromRoot('test/helpers/inject-registry.cjs');

export interface EsmFolder {
  readonly folder: string;
  remove(): void;
}

/** Puts the ledger where its entry looks for it. */
export function addLedger(folder: string, version = '1.2.3'): void {
  const place = path.join(folder, 'node_modules/@fixtures/ledger');
  cpSync(fromRoot(FIXTURE, 'packages/ledger'), place, { recursive: true });
  if (version === '1.2.3') return;
  const exports = './lib/ledger.js';
  const manifest = { name: '@fixtures/ledger', version, type: 'module', exports };
  writeFileSync(path.join(place, 'package.json'), JSON.stringify(manifest));
}

/** The packages that come from a registry; links to them are in the folders from the start. */
export function installPostgres(): Promise<void> {
  return installFolder(fromRoot(FIXTURE));
}

/** A copy of the programs and of the packages that they need. */
export function setUpEsm(version?: string): EsmFolder {
  mkdirSync(fromRoot('.cache'), { recursive: true });
  const folder = mkdtempSync(fromRoot('.cache', 'esm-'));
  const isOwn = (file: string): boolean =>
    !/node_modules|packages/.test(path.relative(fromRoot(FIXTURE), file));
  cpSync(fromRoot(FIXTURE), folder, { recursive: true, filter: isOwn });
  addLedger(folder, version);
  symlinkSync(fromRoot(FIXTURE, 'node_modules/postgres'), path.join(folder, 'node_modules/postgres'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface EsmRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  /** Names of the spans, in the order of their beginning. */
  readonly spans: readonly string[];
}

export async function runEsm(
  entry: string,
  node: NodeVersion,
  options: Partial<RunAppOptions> = {},
): Promise<EsmRun> {
  const receiver = await startOtlpReceiver();
  try {
    const env = { NODE_OPTIONS: `--require ${INJECT}`, ...options.env };
    const ended = await runToExit({ entry, node, otlp: receiver.url, ...options, env });
    // Node's warnings have the process id in them.
    const stderr = ended.stderr.replaceAll(/^\(node:\d+\)/gm, '(node)');
    return { ...ended, stderr, spans: receiver.spans().map(({ name }) => name) };
  } finally {
    await receiver.close();
  }
}
