/**
 * Runs a command line bare and under the preload: the app's output and exit code are the same, we say at most one line,
 * and the spans are those that the app's work makes, none of them twice.
 */
import assert from 'node:assert/strict';
import { type NodeVersion, nodeBinary } from '../helpers/node-versions';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { fromRoot } from '../helpers/paths';
import { type CommandLine, type Ended, runNode } from '../helpers/run-node';
import type { ReceivedSpan } from '../helpers/span';
import { assertTree, checkTraces } from '../helpers/tree';

/** What `fixtures/guards/round.cjs` makes, on a Node with fetch. */
export const ROUND = `
  client GET
    server GET
  client GET
    server GET`;

export type By = '--import' | '--require' | 'NODE_OPTIONS';

export interface Case {
  node?: NodeVersion;
  binary?: string;
  by?: By;
  /** Around the preload's flag. */
  before?: readonly string[];
  after?: readonly string[];
  /** `fixtures/guards/app.cjs` unless told; what stands after the flags. */
  program?: readonly string[];
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  input?: string;
  /** The drawn tree; `none`: no span at all; `any`: looked at by the caller. ROUND unless told. */
  spans?: string;
  /** The one line of ours; none unless told. */
  says?: RegExp;
  /** What differs from run to run in the app's own output: ports, pids, times. */
  normal?: (output: string) => string;
  /** Exit codes of which the program has one or the other, by chance. */
  eitherCode?: readonly number[];
}

export interface Outcome {
  bare: Ended;
  traced: Ended;
  spans: ReceivedSpan[];
}

const OURS = '[canvasops] ';

export function preloadFlags(by: By): string[] {
  return by === '--require'
    ? ['--require', fromRoot('register.cjs')]
    : ['--import', fromRoot('register.mjs')];
}

export async function assertUnaffected(given: Case): Promise<Outcome> {
  const receiver = await startOtlpReceiver();
  try {
    const bare = await runNode(await commandLine(given, undefined, receiver.url));
    receiver.clear(); // of what another tracer sent
    const traced = await runNode(await commandLine(given, given.by ?? '--import', receiver.url));
    const normal = (output: string): string =>
      (given.normal?.(output) ?? output).replaceAll(/\(node:\d+\)/g, '(node:pid)');
    const code = (ended: Ended): number | string | null =>
      ended.code !== null && given.eitherCode?.includes(ended.code) ? 'either' : ended.code;
    const lines = traced.stderr.split('\n');
    const theirs = lines.filter((line) => !line.startsWith(OURS)).join('\n');
    assert.deepEqual(
      { ...traced, code: code(traced), stdout: normal(traced.stdout), stderr: normal(theirs) },
      { ...bare, code: code(bare), stdout: normal(bare.stdout), stderr: normal(bare.stderr) },
    );
    assertSaid(
      lines.filter((line) => line.startsWith(OURS)),
      given.says,
    );
    const spans = receiver.spans();
    if (given.spans === 'none') assert.equal(spans.length, 0, `${spans.length} spans`);
    else if (given.spans === 'any') checkTraces(spans);
    else assertTree(spans, given.spans ?? ROUND);
    return { bare, traced, spans };
  } finally {
    await receiver.close();
  }
}

/** As the body of a test. */
export function unaffected(given: Case): () => Promise<void> {
  return async () => {
    await assertUnaffected(given);
  };
}

function assertSaid(lines: readonly string[], expected: RegExp | undefined): void {
  if (expected === undefined) assert.deepEqual(lines, []);
  else {
    assert.equal(lines.length, 1, lines.join('\n'));
    assert.match(lines[0] ?? '', expected);
  }
}

async function commandLine(given: Case, by: By | undefined, receiver: string): Promise<CommandLine> {
  const { before = [], after = [], program = [fromRoot('fixtures/guards/app.cjs')] } = given;
  const flags = by === undefined ? [] : preloadFlags(by);
  const env: Record<string, string> = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver,
    OTEL_BSP_SCHEDULE_DELAY: '50',
    ...given.env,
  };
  if (by === 'NODE_OPTIONS') env.NODE_OPTIONS = [...flags, env.NODE_OPTIONS ?? ''].join(' ').trim();
  const inline = by === 'NODE_OPTIONS' ? [] : flags;
  return {
    binary: given.binary ?? (given.node === undefined ? process.execPath : await nodeBinary(given.node)),
    args: [...before, ...inline, ...after, ...program],
    env,
    cwd: given.cwd ?? fromRoot('fixtures/guards'),
    ...(given.input === undefined ? {} : { input: given.input }),
  };
}
