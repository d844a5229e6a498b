/** The preload under other flags, and in programs that do not come from a file; the other Node lines are in the matrix. */
import { test } from 'node:test';
import { commandLines } from './command-lines';
import { unaffected } from './unaffected';

for (const [name, { lines, ...given }] of Object.entries(commandLines)) {
  if (lines === undefined || lines.includes('20')) test(name, unaffected(given));
}
