// Bundles src/ into dist/: one file for the preload and what it shares, one per thing that is loaded later.
import { readdirSync, rmSync, chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const src = join(root, 'src');
const dist = join(root, 'dist');

/** Library files: everything in instrumentations/ but the registry and its types. */
const libraries = readdirSync(join(src, 'instrumentations'))
  .filter((file) => file.endsWith('.ts') && file !== 'define.ts' && file !== 'index.ts')
  .map((file) => `instrumentations/${file.slice(0, -3)}`);
const lateExports = ['http', 'grpc', 'jaeger-udp', 'console', 'custom', 'final-worker'].map((name) => `export/${name}`);
const entries = ['preload', 'api', 'cli', ...libraries, ...lateExports];

rmSync(dist, { recursive: true, force: true });
const bundle = await rolldown({
  cwd: root,
  platform: 'node',
  input: Object.fromEntries(entries.map((entry) => [entry, join(src, entry === 'cli' ? 'cli/main.ts' : `${entry}.ts`)])),
  // What is loaded late is named by its place in dist; packages stay packages.
  external: (id) => id.endsWith('.cjs') || id.startsWith('node:') || (!id.startsWith('.') && !id.startsWith('/')),
  treeshake: true,
  transform: { target: 'node20' },
});
await bundle.write({
  dir: dist,
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name].cjs',
  exports: 'named',
  sourcemap: false,
  codeSplitting: {
    groups: [
      // The way of the data up to the queue is needed by every process; one file loads faster than forty.
      { name: 'core', test: /src\/(tracing|redaction)\// },
      { name: 'operations', test: /src\/instrumentations\/operations\// },
    ],
  },
});
await bundle.close();
chmodSync(join(dist, 'cli.cjs'), 0o755);
