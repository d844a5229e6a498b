// bench/results.json: the figures, and what one has to know to read them.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';

const file = new URL('results.json', import.meta.url);

/**
 * @returns what was stored last, or undefined. `runs` are by suite and Node line (date, machine, load when it began,
 *   rounds, requests, versions); `results` are the tables, each of one of them.
 */
export function readResults() {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

const loadAverage = Math.round(os.loadavg()[0] * 10) / 10;

/**
 * Stores results; those of suites and lines that were not measured this time stay.
 * @param nodes by line: the binary, and the versions of the peers
 */
export function writeResults({ rounds, requests, warmUp, names }, nodes, results) {
  const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const cores = os.cpus();
  const run = {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cores.length} cores (${cores[0].model.trim()}), ${os.type()}`,
    cores: cores.length,
    loadAverage,
    rounds,
    requests,
    warmUp,
  };
  const stored = readResults();
  const runs = { ...stored?.runs };
  const measured = new Set(results.map(({ suite, node }) => keyOf(suite, node)));
  for (const { suite, node } of results) {
    const { binary, peers } = nodes[node];
    const actual = execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim().slice(1);
    runs[keyOf(suite, node)] = { ...run, versions: { Node: actual, [name]: version, ...peers }, names };
  }
  const others = (stored?.results ?? []).filter(({ suite, node }) => !measured.has(keyOf(suite, node)));
  writeFileSync(file, `${JSON.stringify({ runs, results: [...others, ...results] }, undefined, 2)}\n`);
}

/** @returns the name under which the run of a suite is stored */
export function keyOf(suite, node) {
  return `${suite}, Node ${node}`;
}
