/** A throw-away Redis Cluster: three nodes, each with a third of the slots, without replicas. */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findPrograms } from './binaries';
import { freePort, withFreePort } from './daemon';
import type { Recipe, RunningServer } from './recipe';
import { startRedis } from './redis';

const run = promisify(execFile);
const agreeBoundMs = 30_000;

type Programs = Record<'redis-server' | 'redis-cli', string>;

export const redisCluster: Recipe = {
  name: 'redis-cluster',
  packages: ['redis-server', 'redis-tools'],
  find() {
    const programs = findPrograms(['redis-server', 'redis-cli'], ['/usr/bin', '/usr/local/bin']);
    return programs && (() => start(programs));
  },
};

async function start(programs: Programs): Promise<RunningServer> {
  const nodes: RunningServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  try {
    for (let i = 0; i < 3; i++) nodes.push(await withFreePort((port) => startNode(programs, port)));
    await join(programs, nodes);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: nodes[0]?.url ?? '', stop };
}

/** The usual port of the cluster's own connections, 10000 above the other one, may be none. */
async function startNode(programs: Programs, port: number): Promise<RunningServer> {
  const busPort = String(await freePort());
  return startRedis(programs['redis-server'], port, {
    databases: '1',
    'cluster-enabled': 'yes',
    'cluster-port': busPort,
  });
}

/** Gives out the slots, and waits until each node knows of all. */
async function join({ 'redis-cli': cli }: Programs, nodes: readonly RunningServer[]): Promise<void> {
  const addresses = nodes.map(({ url }) => new URL(url).host);
  await run(cli, ['--cluster', 'create', ...addresses, '--cluster-yes']);
  const until = Date.now() + agreeBoundMs;
  for (const { url } of nodes) {
    while (!(await run(cli, ['-u', url, 'cluster', 'info'])).stdout.includes('cluster_state:ok')) {
      if (Date.now() > until) throw new Error('the nodes did not agree');
      await sleep(50);
    }
  }
}
