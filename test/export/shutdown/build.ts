/** Bundles the export files the way the package does, so that a test can run them in processes without a loader. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { fromRoot } from '../../helpers/paths';

const TRANSPORTS = ['http', 'grpc', 'jaeger-udp', 'console', 'custom'];

export interface Built {
  /** Starts an app that is given on the command line, see ending-app.ts. */
  readonly app: string;
  readonly dir: string;
  remove(): void;
}

export async function buildExport(): Promise<Built> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'canvasops-export-'));
  const input: Record<string, string> = {
    app: fromRoot('test/export/shutdown/ending-app.ts'),
    'export/shutdown/worker': fromRoot('src/export/shutdown/worker.ts'),
  };
  for (const name of TRANSPORTS)
    input[`export/transports/${name}`] = fromRoot(`src/export/transports/${name}.ts`);
  const bundle = await rolldown({ input, platform: 'node', logLevel: 'silent' });
  await bundle.write({
    dir,
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: 'chunks/[name]-[hash].cjs',
  });
  await bundle.close();
  return { app: path.join(dir, 'app.cjs'), dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
