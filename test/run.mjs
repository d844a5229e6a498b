/**
 * The runner behind `npm test`.
 *
 *     node test/run.mjs [--skip folder]… [--servers all|none|postgres,redis] [--concurrency n] [--shard 1/3]
 *       [--library redis,pg] [--versions all|ends] [--results file.json] [path-fragment]…
 *
 * Finds every `*.test.ts` below `test`, starts the real servers once for all of them, hands the files to Node's own test
 * runner and ends with its exit code.
 */
import 'tsx';
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(here);
// The helpers are CommonJS, as the package is.
const require = createRequire(import.meta.url);
const { provision, serverNames } = require('./helpers/servers/provision.ts');
const { openResults } = require('./helpers/results.ts');
const { filesOfShard } = require('./helpers/shard.ts');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    skip: { type: 'string', multiple: true, default: [] },
    servers: { type: 'string', default: 'all' },
    // Most tests wait for child processes, and the machines that run them have two cores.
    concurrency: { type: 'string', default: '2' },
    shard: { type: 'string', default: '1/1' },
    // Which fixtures the derived tests of libraries take; empty is all.
    library: { type: 'string', default: '' },
    // In the matrix: every version of a library, or the oldest and the newest.
    versions: { type: 'string', default: 'all' },
    // What was seen of each version is put into this file.
    results: { type: 'string' },
  },
});

const selected = findTests(here).filter(isSelected);
const files = filesOfShard(selected, values.shard);
if (files.length === 0) {
  const which = values.shard === '1/1' ? '' : ` in shard ${values.shard}`;
  console.error(`No test file matches ${positionals.join(' ') || 'test/**/*.test.ts'}${which}.`);
  process.exit(1);
}
process.exitCode = await main();

async function main() {
  let child;
  let interrupted;
  let provisioned;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // Handled, so that the servers are stopped; on Ctrl-C the tests' processes get the signal by themselves.
    process.on(signal, () => {
      interrupted = signal;
      child?.kill(signal);
    });
  }
  try {
    provisioned = await provision(wantedServers());
    for (const line of provisioned.lines) console.log(line);
    if (interrupted) return 130;
    const results = values.results === undefined ? undefined : openResults(path.resolve(values.results));
    const reporter = path.join(here, 'reporter.mjs');
    const args = [
      '--import',
      'tsx',
      '--test',
      `--test-concurrency=${values.concurrency}`,
      '--test-reporter',
      reporter,
    ];
    child = spawn(process.execPath, [...args, ...files], {
      cwd: root,
      env: {
        ...process.env,
        ...provisioned.env,
        TEST_LIBRARIES: values.library,
        TEST_VERSIONS: values.versions,
        ...(results && { TEST_RESULTS: results.lines }),
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const code = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (status, signal) => resolve(signal ? 1 : status));
    });
    results?.write();
    return interrupted ? 130 : code;
  } finally {
    await provisioned?.stop();
  }
}

function wantedServers() {
  if (values.servers === 'all') return serverNames;
  if (values.servers === 'none') return [];
  const names = values.servers.split(',');
  const unknown = names.find((name) => !serverNames.includes(name));
  if (unknown !== undefined)
    throw new Error(`--servers ${unknown}: one of all, none, ${serverNames.join(', ')}`);
  return names;
}

function findTests(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const full = path.join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : findTests(full);
      return entry.name.endsWith('.test.ts') ? [full] : [];
    });
}

function isSelected(file) {
  const name = path.relative(root, file).split(path.sep).join('/');
  if (values.skip.some((folder) => name.startsWith(`${folder.replace(/\/+$/, '')}/`))) return false;
  return positionals.length === 0 || positionals.some((fragment) => name.includes(fragment));
}
