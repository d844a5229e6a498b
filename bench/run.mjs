// What tracing costs, ours beside nothing and beside others, in one run. See options.mjs, or --help, for the command line.
import { installFixtures } from '../test/helpers/fixtures.ts';
import { buildAddons } from '../test/helpers/native-addons.ts';
import { nodeBinary } from '../test/helpers/node-versions.ts';
import { readOptions } from './options.mjs';
import { installPeers, peerVersions } from './peers.mjs';
import { print } from './print.mjs';
import { startApp, startLoad, startSink } from './processes.mjs';
import { writeResults } from './results.mjs';
import { suites } from './suites/index.mjs';
import { variants } from './variants.mjs';

const options = readOptions();
// The measured apps and databases.mjs have packages of their own.
await installFixtures('bench/run.mjs');
const { startServers } = await import('./databases.mjs');
const sink = await startSink();
const load = startLoad();
const servers = await startServers();
const results = [];
const nodes = {};
try {
  for (const node of options.nodes) {
    const bench = await benchFor(node);
    nodes[node] = { binary: bench.binary, peers: peerVersions(node) };
    for (const suite of options.suites) {
      for await (const result of await suites[suite](bench)) {
        results.push({ suite, node, ...result });
        print(results.at(-1));
      }
      // What has been measured is kept, whatever becomes of the rest.
      if (options.json) writeResults(options, nodes, results);
    }
  }
} finally {
  await load.close();
  await sink.close();
  await servers.stop();
}
process.exit(results.some(({ lost }) => lost.length > 0) ? 1 : 0);

/** What suites get: the options, the means, and on this line how a variant is started and waited for. */
async function benchFor(node) {
  const binary = await nodeBinary(node);
  if (options.suites.includes('drivers') && node !== '20')
    await buildAddons('bench', binary, ['better-sqlite3'], '-O2');
  const folders = {};
  // One suite compares with the official distribution, whichever variants are chosen.
  for (const name of new Set([
    ...options.names,
    ...(options.suites.includes('stalls') ? ['official'] : []),
  ])) {
    const { package: peer } = variants[name];
    if (peer !== undefined) folders[name] = await installPeers(node, [peer]);
  }
  const command = (name) => {
    const { flags, env } = variants[name];
    const folder = folders[name];
    return { flags: flags(folder), env: { PATH: process.env.PATH, ...env(sink.port, folder) } };
  };
  return {
    ...options,
    node,
    binary,
    sink,
    load,
    command,
    delivered: async (name) => variants[name].share > 0 && sink.quiet(),
    startApp(app, name) {
      const { flags, env } = command(name);
      return startApp(app, { binary, flags, env: { ...servers.env, ...env } });
    },
  };
}
