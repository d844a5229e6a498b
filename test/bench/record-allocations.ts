/** Stores what is allocated now as what is expected from now on, for every line of Node that is supported. */
import { writeFileSync } from 'node:fs';
import { type NodeVersion, nodeBinary } from '../helpers/node-versions';
import { type Allocations, measureAllocations, RECORD } from './allocations';

const LINES: readonly NodeVersion[] = ['20', '22', '24', '26'];
const RUNS = 3;

/** The middle one of each figure: single runs are a few per cent apart. */
async function medians(binary: string): Promise<Allocations> {
  const runs: Allocations[] = [];
  for (let i = 0; i < RUNS; i++) runs.push(await measureAllocations(binary));
  const middle = (name: string): number =>
    runs.map((run) => run[name] ?? 0).sort((a, b) => a - b)[RUNS >> 1] ?? 0;
  return Object.fromEntries(Object.keys(runs[0] ?? {}).map((name) => [name, middle(name)]));
}

async function main(): Promise<void> {
  const recorded: Record<string, Allocations> = {};
  for (const line of LINES) recorded[line] = await medians(await nodeBinary(line));
  writeFileSync(RECORD, `${JSON.stringify(recorded, undefined, 2)}\n`);
}

void main();
