/**
 * A source file and all it imports as one script, as users get it. What the tests run otherwise is one CommonJS module
 * per file, where each use of an import goes through a getter: right for results, useless for measurements.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

export async function loadBundled<Exports>(file: string): Promise<Exports> {
  const bundle = await rolldown({ input: file, platform: 'node' });
  const { output } = await bundle.generate({ format: 'cjs', exports: 'named' });
  await bundle.close();
  const directory = mkdtempSync(join(tmpdir(), 'redaction-'));
  try {
    const script = join(directory, 'bundle.cjs');
    writeFileSync(script, output[0].code);
    return createRequire(__filename)(script) as Exports;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
