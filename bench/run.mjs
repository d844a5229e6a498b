// Start-up and CPU per request of each variant, beside each other in one run: rounds are interleaved, figures are
// medians, and what counts are the ratios. Usage: npm run bench -- [--node 20,24] [--rounds 7] [--only bare,ours] [--json]
// --json also writes bench/results.json, of which `npm run docs` makes the documentation's tables.
import { execFileSync, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { nodeBinary } from '../test/helpers/node-versions.ts';
import { provision } from '../test/helpers/servers/provision.ts';
import { startSink } from './sink.mjs';
import { installPeers, variants } from './variants.mjs';

const { values: options } = parseArgs({
  options: {
    node: { type: 'string', default: '20,24' },
    rounds: { type: 'string', default: '7' },
    // A bare request is so short that V8's compiler would be most of what a brief run shows.
    requests: { type: 'string', default: '6000' },
    only: { type: 'string', default: Object.keys(variants).join(',') },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Number(options.rounds);
const requests = Number(options.requests);
const names = options.only.split(',');
const CONCURRENCY = 16;
const app = (name) => fileURLToPath(new URL(`apps/${name}.cjs`, import.meta.url));

if (names.some((name) => name !== 'bare' && name !== 'ours')) installPeers();
const sink = await startSink();
const database = await provision(['postgres']);
const databaseUrl = process.env.TEST_POSTGRES_URL ?? database.env.TEST_POSTGRES_URL;
await fillDatabase();
const results = [];

for (const version of options.node.split(',')) {
  const binary = await nodeBinary(version);
  results.push({ node: version, what: 'start-up', unit: 'ms', ...(await startUp(binary)) });
  for (const [what, file, path, spans, count] of [
    ['http', 'http', () => '/', 1, requests * 4],
    ['express + pg', 'express-pg', (i) => `/user/${1 + (i % 100)}`, 2, requests],
  ]) {
    results.push({
      node: version,
      what: `CPU per request, ${what}`,
      unit: 'µs',
      ...(await perRequest(binary, file, path, spans, count)),
    });
  }
}
await database.stop();
sink.close();

for (const result of results) print(result);
if (options.json) await writeResults();
process.exit(results.some((result) => result.lost.length > 0) ? 1 : 0);

/** Wall time of an empty program. */
async function startUp(binary) {
  const samples = emptySamples();
  for (let round = 0; round < rounds * 3; round++) {
    for (const name of names) {
      const { flags, env } = variants[name];
      const start = process.hrtime.bigint();
      spawnSync(binary, [...flags, app('empty')], { env: { PATH: process.env.PATH, ...env(sink.port) } });
      samples[name].push(Number(process.hrtime.bigint() - start) / 1e6);
    }
  }
  return summary(samples, []);
}

/** CPU time (user and system) that the server's process spends per request, after a warm-up. */
async function perRequest(binary, file, path, spansPerRequest, count) {
  const samples = emptySamples();
  const lost = [];
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      sink.take();
      const { flags, env } = variants[name];
      const child = fork(app(file), {
        execPath: binary,
        execArgv: flags,
        env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl, ...env(sink.port) },
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      });
      const [{ port }] = await once(child, 'message');
      await load(port, path, count / 2);
      const before = await cpu(child);
      await load(port, path, count);
      samples[name].push(((await cpu(child)) - before) / count);
      const gone = once(child, 'exit');
      child.send('end');
      await gone;
      const expected = count * 1.5 * spansPerRequest;
      const got = sink.take();
      if (name !== 'bare' && got < expected) lost.push(`${name}: ${got} of ${expected} spans`);
    }
  }
  return summary(samples, lost);
}

async function cpu(child) {
  child.send('cpu');
  const [message] = await once(child, 'message');
  return message.cpu;
}

async function load(port, path, count) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const i = next++;
      await new Promise((resolve, reject) => {
        const call = request({ host: '127.0.0.1', port, path: path(i), agent }, (response) => {
          response.resume().on('end', resolve);
        });
        call.on('error', reject).end();
      });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  agent.destroy();
}

async function fillDatabase() {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  await client.query('CREATE TABLE IF NOT EXISTS bench_users (id int PRIMARY KEY, name text)');
  await client.query(
    "INSERT INTO bench_users SELECT i, 'user ' || i FROM generate_series(1, 100) i ON CONFLICT DO NOTHING",
  );
  await client.end();
}

function emptySamples() {
  return Object.fromEntries(names.map((name) => [name, []]));
}

function summary(samples, lost) {
  const medians = Object.fromEntries(names.map((name) => [name, median(samples[name])]));
  const added = Object.fromEntries(names.map((name) => [name, medians[name] - medians.bare]));
  return { medians, added, lost };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** The figures, and what one has to know to read them. */
async function writeResults() {
  const { dependencies } = JSON.parse(readFileSync(new URL('peers.json', import.meta.url), 'utf8'));
  const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const versions = { [name]: version };
  for (const variant of names) {
    const peer = variants[variant].package;
    if (peer !== undefined) versions[peer] = dependencies[peer];
  }
  for (const line of options.node.split(',')) {
    versions[`Node ${line}`] = execFileSync(await nodeBinary(line), ['--version'], {
      encoding: 'utf8',
    }).trim();
  }
  const cores = os.cpus();
  const machine = `${cores.length} cores (${cores[0].model.trim()}), ${os.type()}`;
  const date = new Date().toISOString().slice(0, 10);
  const report = { date, machine, rounds, requests, versions, results };
  writeFileSync(new URL('results.json', import.meta.url), `${JSON.stringify(report, undefined, 2)}\n`);
}

function print({ node, what, unit, medians, added, lost }) {
  console.log(`\nNode ${node}: ${what}`);
  for (const name of Object.keys(medians)) {
    const plus = name === 'bare' ? '' : `+${added[name].toFixed(1)} ${unit}`;
    const ratio =
      name === 'bare' || name === 'ours'
        ? ''
        : `ours adds ${((added.ours / added[name]) * 100).toFixed(0)} % of that`;
    console.log(
      `  ${name.padEnd(10)} ${medians[name].toFixed(1).padStart(8)} ${unit}  ${plus.padEnd(12)} ${ratio}`,
    );
  }
  for (const line of lost) console.log(`  spans lost: ${line}`);
}
