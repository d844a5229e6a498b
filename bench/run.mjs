// What tracing costs, ours beside nothing and beside others, in one run: rounds are interleaved, figures are medians, and
// what counts are the ratios.
//   npm run bench -- [suite…] [--node 20,24] [--rounds 5] [--requests 40000] [--only bare,ours] [--json]
// Suites: start-up, saturation, latency, sampling, stalls, api, encode, scaling; without a name all of them.
// --json also writes bench/results.json, of which `npm run docs` makes the documentation's tables and plots.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { nodeBinary } from '../test/helpers/node-versions.ts';
import { startServers } from './databases.mjs';
import { startLoad, startSink } from './processes.mjs';
import { print } from './print.mjs';
import { suites } from './suites/index.mjs';
import { installPeers, variants } from './variants.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    node: { type: 'string', default: '20,24' },
    rounds: { type: 'string', default: '5' },
    // A request is so short that V8's compiler would be most of what a brief run shows: half as many come before.
    requests: { type: 'string', default: '40000' },
    only: { type: 'string', default: 'bare,ours,official,elastic,datadog' },
    json: { type: 'boolean', default: false },
  },
});
const chosen = positionals.length > 0 ? positionals : Object.keys(suites);
const unknown = chosen.filter((name) => suites[name] === undefined);
if (unknown.length > 0) {
  console.error(`No suite is called ${unknown.join(', ')}; there are ${Object.keys(suites).join(', ')}.`);
  process.exit(2);
}
const names = options.only.split(',');
if (names.some((name) => variants[name]?.package !== undefined)) installPeers();

const sink = await startSink();
const load = startLoad();
const servers = await startServers();
const results = [];
try {
  for (const version of options.node.split(',')) {
    const binary = await nodeBinary(version);
    for (const name of chosen) {
      const bench = {
        binary,
        names,
        rounds: Number(options.rounds),
        requests: Number(options.requests),
        sink,
        load,
        env: servers.env,
      };
      for (const result of await suites[name](bench)) {
        results.push({ suite: name, node: version, ...result });
        print(results.at(-1));
      }
    }
  }
} finally {
  await servers.stop();
  load.close();
  sink.close();
}
if (options.json) await writeResults();
process.exit(results.some(({ lost }) => lost?.length > 0) ? 1 : 0);

/** The figures, and what one has to know to read them. A run of some suites leaves those of the others. */
async function writeResults() {
  const file = new URL('results.json', import.meta.url);
  const { dependencies } = JSON.parse(readFileSync(new URL('peers.json', import.meta.url), 'utf8'));
  const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const versions = { [name]: version };
  for (const variant of names) {
    const peer = variants[variant].package;
    if (peer !== undefined) versions[peer] = dependencies[peer];
  }
  for (const line of options.node.split(',')) {
    versions[`Node ${line}`] = execFileSync(await nodeBinary(line), ['--version'], { encoding: 'utf8' }).trim();
  }
  const cores = os.cpus();
  const machine = `${cores.length} cores (${cores[0].model.trim()}), ${os.type()}`;
  const date = new Date().toISOString().slice(0, 10);
  const { rounds, requests } = options;
  const stored = JSON.parse(readFileSync(file, 'utf8'));
  const isMeasured = ({ suite, node }) => results.some((each) => each.suite === suite && each.node === node);
  const others = stored.results.filter((each) => each.suite !== undefined && !isMeasured(each));
  const report = { date, machine, rounds: Number(rounds), requests: Number(requests), versions, results: [...others, ...results] };
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
}
