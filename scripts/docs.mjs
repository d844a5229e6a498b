/**
 * Generates the parts of the documentation that derive from the code, and checks the rest.
 *
 *     npm run docs              writes the generated parts into README.md and docs/
 *     npm run docs -- --check   fails where they differ from the code
 *
 * Within a page, a generated part stands between `<!-- generated:name -->` and `<!-- /generated:name -->`. Both commands
 * fail where docs/api.md has no example of an export, and where scripts/docs/links.mjs finds a fault.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import 'tsx';
import { readResults } from '../bench/results.mjs';
import { longTables, shortTable } from './docs/benchmarks.mjs';
import { findFaults, slug } from './docs/links.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// The sources are CommonJS, as the package is.
const require = createRequire(import.meta.url);
const { problemsMarkdown, settingsMarkdown } = require('../src/config/docs.ts');
const { registry } = require('../src/instrumentations/index.ts');
const { SUPPORTED_LINES } = require('../test/helpers/node-versions.ts');
const { engines } = require('../package.json');

const isCheck = process.argv.includes('--check');
const faults = [];
const absolute = (file) => join(root, file);
const read = (file) => (existsSync(absolute(file)) ? readFileSync(absolute(file), 'utf8') : '');

const results = readResults();

/** The generated parts of each page. */
const pages = {
  'README.md': { 'library-names': libraryNames(), benchmarks: shortTable(results) },
  'docs/api.md': { api: apiIndex() },
  'docs/command-line.md': { cli: `\`\`\`text\n${helpOfCli()}\`\`\`` },
  'docs/libraries.md': { libraries: libraryTable(), versions: versionTable() },
  'docs/settings.md': { settings: settingsMarkdown() },
};
for (const [file, blocks] of Object.entries(pages)) put(file, withBlocks(file, blocks));
put(
  'docs/problems.md',
  `# Problems that check-config names

Generated from \`src/config/problem.ts\`. An \`error\` means that something you asked for does not happen; then
\`canvasops check-config\` exits with 1. A \`warning\` is a likely mistake. At start-up the preload writes each of them
as one line on stderr, in the form \`[canvasops] CODE: why. fix.\`

${problemsMarkdown()}`,
);
putBenchmarks();
faults.push(...findFaults(root));

if (faults.length > 0) {
  for (const fault of faults) console.error(fault);
  process.exitCode = 1;
}

/** Writes a file, or says that it differs. */
function put(file, text) {
  if (read(file) === text) return;
  if (isCheck) faults.push(`${file} differs from what \`npm run docs\` makes of the code.`);
  else {
    mkdirSync(dirname(absolute(file)), { recursive: true });
    writeFileSync(absolute(file), text);
  }
}

function putBenchmarks() {
  const { text, plots } = longTables(results);
  put('docs/benchmarks.md', `${read('scripts/docs/benchmarks-introduction.md')}\n${text}\n`);
  for (const [name, svg] of Object.entries(plots)) put(`docs/benchmarks/${name}`, svg);
  if (!existsSync(absolute('docs/benchmarks'))) return;
  for (const name of readdirSync(absolute('docs/benchmarks'))) {
    if (Object.hasOwn(plots, name)) continue;
    if (isCheck) faults.push(`docs/benchmarks/${name} is a plot of nothing that was measured.`);
    else rmSync(absolute(`docs/benchmarks/${name}`));
  }
}

function withBlocks(file, blocks) {
  let result = read(file);
  for (const [name, content] of Object.entries(blocks)) {
    const begin = `<!-- generated:${name} -->`;
    const end = `<!-- /generated:${name} -->`;
    const from = result.indexOf(begin);
    const to = result.indexOf(end);
    if (from < 0 || to < from) faults.push(`${file} has no place for ${begin}.`);
    else result = `${result.slice(0, from + begin.length)}\n\n${content.trim()}\n\n${result.slice(to)}`;
  }
  return result;
}

/** Every export with a link to the heading under which docs/api.md shows it in use. */
function apiIndex() {
  const shown = examplesByHeading();
  const names = exportedNames();
  const links = names.map((name) => {
    const heading = shown.find(({ code }) => usesName(code, name))?.heading;
    if (heading === undefined)
      faults.push(`docs/api.md has no example of ${name}, which the package exports.`);
    return `[\`${name}\`](#${slug(heading ?? '')})`;
  });
  return links.join(' · ');
}

function exportedNames() {
  const file = 'dist/api.mjs';
  const list = /export const \{([^}]*)\}/.exec(read(file))?.[1];
  if (list === undefined)
    throw new Error(`${file} is missing or unlike what the build writes; run \`npm run build\`.`);
  const names = list.split(',').map((name) => name.trim());
  // register.mjs names its exports by hand.
  const others = /export const \{([^}]*)\}/.exec(read('register.mjs'))?.[1] ?? '';
  const otherNames = others.split(',').map((name) => name.trim());
  for (const name of names) {
    if (!otherNames.includes(name))
      faults.push(`register.mjs does not export ${name}, which dist/api.mjs does.`);
  }
  return names.sort((a, b) => a.localeCompare(b, 'en'));
}

/** The fenced code below each heading of docs/api.md. */
function examplesByHeading() {
  const found = [];
  let isCode = false;
  for (const line of read('docs/api.md').split('\n')) {
    if (line.startsWith('```')) isCode = !isCode;
    else if (!isCode && line.startsWith('## ')) found.push({ heading: line.slice(3), code: '' });
    else if (isCode && found.length > 0) found[found.length - 1].code += `${line}\n`;
  }
  return found;
}

/** A call, a decorator, or a use as an object; a mention in an import or a comment is none. */
function usesName(code, name) {
  const use = new RegExp(`(^|[^\\w.])${name}[(.]`);
  return code
    .split('\n')
    .filter((line) => !line.startsWith('import '))
    .some((line) => use.test(line.split(/(?:^| )\/\/ /, 1)[0] ?? ''));
}

function helpOfCli() {
  const file = absolute('dist/cli.cjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, '--help'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`dist/cli.cjs --help failed; run \`npm run build\`. ${stderr}`);
  return stdout;
}

/** The libraries that users know by name: those whose entries make or name spans. */
function libraryNames() {
  const titles = registry.filter(({ kind }) => kind !== 'context').map(({ title }) => title);
  return `These libraries are traced: ${titles.join(' · ')}.`;
}

function libraryTable() {
  const spans = {
    'http-server': 'one per incoming request',
    'http-client': 'one per outgoing request',
    framework: "route and errors, on the request's span",
    database: 'one per statement or command',
    model: 'one per operation on a model',
    messaging: 'one per message or batch',
    context: 'none; keeps those of others under their own request',
  };
  const lines = registry.map((entry) => {
    const { name, group, kind, title } = entry;
    const names = group === undefined ? `\`${name}\`` : `\`${name}\`, or \`${group}\``;
    return `| ${title} | ${versionsOf(entry)} | ${spans[kind] ?? kind} | ${hookOf(entry)} | ${names} |`;
  });
  const head = '| library | versions | spans | how it is hooked | switch |\n|---|---|---|---|---|';
  return `${head}\n${lines.join('\n')}`;
}

/** What `npm run matrix` saw of each version. */
function versionTable() {
  const stored = read('docs/libraries.json');
  if (stored === '') return 'No whole run is stored yet.';
  const results = JSON.parse(stored);
  const lines = Object.entries(results).map(([name, cells]) => {
    const columns = SUPPORTED_LINES.map((node) =>
      [
        ['require', cells[`${node} cjs`]],
        ['import', cells[`${node} mjs`]],
      ]
        .filter(([, seen]) => seen !== undefined)
        .map(([form, seen]) => `${form} ${seen}`)
        .join('<br>'),
    );
    return `| ${name.replace(/@$/, '')} | ${columns.map((text) => text || '–').join(' | ')} |`;
  });
  const titles = SUPPORTED_LINES.map((node) => `Node ${node}`);
  return [`| version | ${titles.join(' | ')} |`, `|---|${titles.map(() => '---|').join('')}`, ...lines].join(
    '\n',
  );
}

function versionsOf({ packages, builtins, title }) {
  // A builtin that is younger than the package's own minimum; the title names it.
  if (builtins !== undefined && packages.length === 0) return 'every Node that has it';
  const own = packages.map(({ package: name, versions }) => `\`${name}\` ${versions.replaceAll('|', '\\|')}`);
  const isNodes = packages.length === 0 || title.includes('fetch');
  return [...(isNodes ? [`Node ${engines.node}`] : []), ...own].join('<br>');
}

/** The same on every version of Node, whatever the registry says on this one. */
function hookOf({ packages, builtins, channels = [] }) {
  if (builtins !== undefined) return 'its prototypes, when it loads';
  if (packages.length === 0) return "Node's channels and prototypes; no module hook";
  const count = packages
    .flatMap(({ files, esm = {} }) => [files, esm])
    .reduce((sum, parts) => sum + Object.values(parts).flat().length, 0);
  const files = `${count} of its files, when they load`;
  if (channels.length === 0) return files;
  return `${files}; channel ${channels.map((name) => `\`${name}\``).join(', ')}`;
}
