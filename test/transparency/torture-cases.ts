/** Programs that ask as much of module loading as programs can: the files are in `fixtures/torture`. */

export interface TortureCase {
  /** What is run, in `fixtures/torture`. */
  readonly entry: string;
  /** Flags before the preload, and after it. Where Node does not have one of them, the case does not exist. */
  readonly before?: readonly string[];
  readonly after?: readonly string[];
  /** It serves one request with express, which leaves this tree. */
  readonly traced?: boolean;
}

/** How express is traced: the route can only come from the patched library. */
export const TREE = 'client GET\n  server GET /users/:id';

const quiet = [
  'cycle.mjs',
  'cycle-await.mjs',
  'cycle-library.cjs',
  'cycle-library.mjs',
  'star.mjs',
  'star-ambiguous.mjs',
  'names.mjs',
  'live.mjs',
  'json.mjs',
  'meta.mjs',
  'data-url.mjs',
  'create-require.mjs',
  'require-esm.cjs',
  'query.mjs',
  'throws-caught.mjs',
  'uncaught-mjs.mjs',
  'uncaught-cjs.mjs',
  'uncaught.cjs',
  'uncaught-deep.cjs',
  'throws.mjs',
  'throws.cjs',
  'missing.mjs',
  'missing.cjs',
  'missing-uncaught.mjs',
  'missing-uncaught.cjs',
  'missing-name.mjs',
  'missing-name-express.mjs',
  'syntax.mjs',
  'syntax-cjs.mjs',
  'syntax.cjs',
  'broken.mjs',
  'broken.cjs',
  'not-there.mjs',
];

const traced = [
  'main.mjs',
  'main.cjs',
  'builtins.mjs',
  'require-esm-express.cjs',
  'dynamic.mjs',
  'dynamic.cjs',
  'both.mjs',
  'self-reference.mjs',
  'linked.mjs',
  'linked.cjs',
  'worker.mjs',
  'detected.js',
];

const loaders: TortureCase[] = [
  { entry: 'with-hooks.mjs', before: ['--import', './register.mjs'], traced: true },
  { entry: 'with-hooks.mjs', after: ['--import', './register.mjs'], traced: true },
  { entry: 'with-hooks.mjs', after: ['--experimental-loader', './hooks.mjs'], traced: true },
  { entry: 'with-hooks.mjs', before: ['--import', './register-sync.mjs'], traced: true },
  { entry: 'with-hooks.mjs', after: ['--import', './register-sync.mjs'], traced: true },
  { entry: 'main.cjs', before: ['--require', './require-hook.cjs'], traced: true },
  { entry: 'main.cjs', after: ['--require', './require-hook.cjs'], traced: true },
  { entry: 'main.mjs', after: ['--require', './require-hook.cjs'], traced: true },
  ...['typed.ts', 'typed-enum.ts', 'main.mjs'].flatMap((entry): TortureCase[] => [
    { entry, before: ['--import', 'tsx'], traced: true },
    { entry, after: ['--import', 'tsx'], traced: true },
  ]),
  { entry: 'typed-throws.ts', before: ['--import', 'tsx'] },
  { entry: 'typed-throws.ts', after: ['--import', 'tsx'] },
];

const flagged: TortureCase[] = [
  { entry: 'wasm.mjs', after: ['--experimental-wasm-modules'] },
  { entry: 'linked.mjs', after: ['--preserve-symlinks'], traced: true },
  { entry: 'linked.cjs', after: ['--preserve-symlinks', '--preserve-symlinks-main'], traced: true },
  { entry: 'vm-modules.mjs', after: ['--experimental-vm-modules'], traced: true },
  { entry: 'main.mjs', after: ['--experimental-vm-modules'], traced: true },
  // Not with express: Node 20 then fails over files of its dependencies.
  { entry: 'meta.js', after: ['--experimental-default-type=module'] },
  { entry: 'detected.js', after: ['--experimental-detect-module'], traced: true },
  { entry: 'detected.js', after: ['--no-experimental-detect-module'] },
  { entry: 'require-esm-express.cjs', after: ['--experimental-require-module'], traced: true },
  { entry: 'require-esm.cjs', after: ['--no-experimental-require-module'] },
  { entry: 'require-esm.cjs', after: ['--experimental-print-required-tla'] },
  { entry: 'typed.ts', after: ['--experimental-strip-types'], traced: true },
  { entry: 'typed-throws.ts', after: ['--experimental-strip-types'] },
  { entry: 'typed-enum.ts', after: ['--experimental-strip-types'] },
  { entry: 'typed-enum.ts', after: ['--experimental-transform-types'], traced: true },
  { entry: 'typed-throws.ts', after: ['--enable-source-maps', '--experimental-transform-types'] },
  { entry: 'meta.mjs', after: ['--experimental-import-meta-resolve'] },
  { entry: 'text.mjs', after: ['--experimental-import-text'] },
  { entry: 'uncaught-deep.cjs', after: ['--enable-source-maps'] },
  { entry: 'uncaught-deep.cjs', after: ['--stack-trace-limit=4'] },
  ...[
    '--experimental-network-inspection',
    '--experimental-network-imports',
    '--experimental-addon-modules',
    '--experimental-async-context-frame',
    '--no-async-context-frame',
    '--experimental-shadow-realm',
    '--experimental-worker-inspection',
    '--experimental-inspector-network-resource',
    '--experimental-storage-inspection',
    '--experimental-stream-iter',
    '--experimental-vfs',
    '--experimental-web-worker',
    '--experimental-webstorage',
    '--experimental-websocket',
    '--experimental-eventsource',
    '--experimental-sqlite',
    '--experimental-repl-await',
    '--experimental-wasm-modules',
    '--no-experimental-global-navigator',
    '--no-experimental-fetch',
    '--no-experimental-websocket',
    '--no-require-module',
    '--no-strip-types',
  ].map((flag): TortureCase => ({ entry: 'main.mjs', after: [flag], traced: true })),
];

/** What needs no flag. */
export const plain: readonly TortureCase[] = [
  ...quiet.map((entry): TortureCase => ({ entry })),
  ...traced.map((entry): TortureCase => ({ entry, traced: true })),
  ...loaders,
];

export const all: readonly TortureCase[] = [...plain, ...flagged];

export function title({ entry, before = [], after = [] }: TortureCase): string {
  return [...before, before.length > 0 ? '(before us)' : '', ...after, entry]
    .filter((part) => part !== '')
    .join(' ');
}
