/** Stores what is allocated now as what is expected from now on, for every line of Node that is supported. */
import { writeFileSync } from 'node:fs';
import { type NodeVersion, nodeBinary } from '../helpers/node-versions';
import { type Allocations, measureAllocations, RECORD } from './allocations';

const LINES: readonly NodeVersion[] = ['20', '22', '24', '26'];

async function main(): Promise<void> {
  const recorded: Record<string, Allocations> = {};
  for (const line of LINES) recorded[line] = await measureAllocations(await nodeBinary(line));
  writeFileSync(RECORD, `${JSON.stringify(recorded, undefined, 2)}\n`);
}

void main();
