// Bundles src/ into dist/: one file for the preload and what it shares, one per thing that is loaded later.
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { version } = createRequire(import.meta.url)('../package.json');
const src = join(root, 'src');
/** Built aside and moved in at the end: whatever runs from dist meanwhile keeps a whole one. */
const dist = join(root, '.cache', `dist-${process.pid}`);

/** Library files: everything in instrumentations/ but the registry and its types. */
const libraries = readdirSync(join(src, 'instrumentations'))
  .filter((file) => file.endsWith('.ts') && file !== 'define.ts' && file !== 'index.ts')
  .map((file) => `instrumentations/${file.slice(0, -3)}`);
const lateExports = [
  'pipeline',
  'transports/http',
  'transports/grpc',
  'transports/jaeger-udp',
  'transports/console',
  'transports/custom',
  'shutdown/worker',
  'spool/index',
  'threads/thread-mirror',
  'threads/thread-watch',
].map((name) => `export/${name}`);
const entries = [
  'preload',
  'api',
  'cli',
  'start-line',
  'redaction/database/statement',
  'loader/bundled-copies',
  'loader/third-party',
  'loader/esm/hook',
  'loader/esm/load-hook',
  'loader/clouds',
  'loader/cloud-worker',
  ...libraries,
  ...lateExports,
];

/** Loaded with the preload; the rest waits until somebody asks for it. */
function isCore(id) {
  const file = id.slice(src.length + 1);
  if (/^redaction\/(sql|database)\//.test(file)) return false;
  if (/^loader\/(third-party|cloud|bundled-copies|esm\/(hook|load-hook|appended))/.test(file)) return false;
  if (/^export\/(late-pipeline|types|shutdown\/(index|events|signals|patch-process))\.ts$/.test(file))
    return true;
  if (/^instrumentations\/(index|registry\/\w+)\.ts$/.test(file)) return true;
  return /^(text|tracing|redaction|config|loader|diagnostics|version|timers)/.test(file);
}

/** Loaded when the first span has ended: encoding, queues, and what sends them. */
function isDelivery(id) {
  const file = id.slice(src.length + 1);
  if (/^export\/(transports\/|threads\/(thread-|packed-span)|spool\/(?!source))/.test(file)) return false;
  if (file === 'export/shutdown/worker.ts' || file === 'otlp/largest-span.ts') return false;
  return /^(otlp|export)\//.test(file);
}

/**
 * Default and namespace imports of Node's modules become plain requires. The bundler would copy every property of the
 * module into an object of its own, which costs milliseconds at every start and runs Node's deprecation getters.
 */
function plainBuiltins() {
  return {
    name: 'plain-builtins',
    transform: {
      filter: { id: /\/src\/.*\.ts$/ },
      handler: (code) =>
        code.replaceAll(/^import (?:\* as )?(\w+) from '(node:[\w/]+)';$/gm, "const $1 = require('$2');"),
    },
  };
}

/**
 * The bundler's helper for `import * as` walks inherited names as well: in a program whose Object.prototype has been
 * extended, it would take those for exports.
 */
function ownNamesOnly() {
  return {
    name: 'own-names-only',
    renderChunk: (code) => code.replace('for (var name in all)', 'for (var name of Object.keys(all))'),
  };
}

rmSync(dist, { recursive: true, force: true });
const bundle = await rolldown({
  cwd: root,
  platform: 'node',
  input: Object.fromEntries(
    entries.map((entry) => [entry, join(src, entry === 'cli' ? 'cli/main.ts' : `${entry}.ts`)]),
  ),
  // What is loaded late is named by its place in dist; packages stay packages.
  external: (id) =>
    id.endsWith('.cjs') || id.startsWith('node:') || (!id.startsWith('.') && !id.startsWith('/')),
  plugins: [plainBuiltins(), ownNamesOnly()],
  treeshake: true,
  transform: {
    target: 'node20',
    define: { __VERSION__: JSON.stringify(version) },
    // Fields as assignments in the constructor: V8 runs initialisers of class fields as a call of their own.
    assumptions: { setPublicClassFields: true },
    typescript: { removeClassFieldsWithoutInitializer: true },
  },
});
await bundle.write({
  dir: dist,
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name].cjs',
  exports: 'named',
  // As the sources are: a sloppy wrapper would call the app's functions on globalThis where they have no receiver.
  strict: true,
  sourcemap: false,
  // For readers of the sources; every process would read past them.
  comments: { jsdoc: false },
  codeSplitting: {
    groups: [
      // What every process needs, and what every process with a span needs: one file loads faster than a hundred.
      { name: 'core', priority: 4, test: isCore },
      { name: 'delivery', priority: 3, test: isDelivery },
      // What all libraries share, what all databases share, and what is for SQL: a client of Redis needs no scanner, one of
      // PostgreSQL nothing of MySQL.
      {
        name: 'operations',
        priority: 2,
        test: /src\/instrumentations\/operations\/(?!callbacks|commands|connection-wait|database|iteration|memcached|model|mysql|pool-wait|redis|sql|transaction)/,
      },
      {
        name: 'database',
        priority: 1,
        test: /src\/(redaction\/(sql\/lexer|database\/(command|error-message|redis))|instrumentations\/operations\/(callbacks|commands|connection-wait|database|iteration|memcached|redis))/,
      },
      { name: 'models', priority: 0.5, test: /src\/instrumentations\/operations\/model/ },
      { name: 'mysql-drivers', priority: 1, test: /src\/instrumentations\/operations\/mysql/ },
      { name: 'sql', priority: 0, test: /src\/(redaction\/sql\/|instrumentations\/operations\/)/ },
    ],
  },
});
await bundle.close();
rewriteFiles();
chmodSync(join(dist, 'cli.cjs'), 0o755);

await writeTypes();
writeModuleTwin();
moveIn();

/**
 * The bundler gives each export a getter, for bindings that change and for files that import each other. In the core, which
 * imports no other file of ours, each is assigned once and all are there at its end.
 */
function withoutGetters(code) {
  const getter =
    /^Object\.defineProperty\(exports, "(\w+)", \{\s*enumerable: true,\s*get: function\(\) \{\s*return (\w+);\s*\}\s*\}\);$/gm;
  return code.replaceAll(getter, (whole, name, binding) =>
    new RegExp(
      `^(const|function|async function|class) ${binding}\\b|^const \\{[^}]*\\b${binding}\\b[^}]*\\} =`,
      'm',
    ).test(code)
      ? `exports.${name} = ${binding};`
      : whole,
  );
}

/** V8 keeps a file with one character beyond Latin-1 in two bytes a character, and takes longer to read and to parse it. */
function rewriteFiles() {
  const escaped = (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  for (const name of readdirSync(dist, { recursive: true })) {
    if (!name.endsWith('.cjs')) continue;
    const file = join(dist, name);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
    const code = readFileSync(file, 'utf8').replaceAll(/[^\x00-\x7f]/g, escaped);
    writeFileSync(file, name === 'core.cjs' ? withoutGetters(code) : code);
  }
}

/** One self-contained declaration file, under the four names that the two entries have in the two module systems. */
async function writeTypes() {
  const types = await rolldown({
    cwd: root,
    input: { api: join(src, 'api.ts') },
    plugins: [dts({ emitDtsOnly: true, tsconfig: join(root, 'tsconfig.json') })],
    external: (id) => !id.startsWith('.') && !id.startsWith('/'),
  });
  const folder = join(dist, 'types');
  await types.write({ dir: folder, format: 'es', entryFileNames: '[name].mjs' });
  await types.close();
  for (const name of ['api.d.cts', 'register.d.mts', 'register.d.cts']) {
    copyFileSync(join(folder, 'api.d.mts'), join(folder, name));
  }
}

/** ESM users of `./api` get the very same functions: one state, whatever the module system. */
function writeModuleTwin() {
  const names = Object.keys(createRequire(import.meta.url)(join(dist, 'api.cjs'))).sort();
  const lines = [
    "import { createRequire } from 'node:module';",
    '',
    `export const { ${names.join(', ')} } = createRequire(import.meta.url)('./api.cjs');`,
    '',
  ];
  mkdirSync(dist, { recursive: true });
  writeFileSync(join(dist, 'api.mjs'), lines.join('\n'));
}

function moveIn() {
  const old = `${dist}-old`;
  const place = join(root, 'dist');
  try {
    renameSync(place, old);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  renameSync(dist, place);
  rmSync(old, { recursive: true, force: true });
}
