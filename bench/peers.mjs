// The tracers that ours is measured beside. They are installed into .cache/ on demand, so that nobody else pays.
import { readFileSync } from 'node:fs';
import { installPackages } from '../test/helpers/npm-packages.ts';

const releases = JSON.parse(readFileSync(new URL('peers.json', import.meta.url), 'utf8'));

/**
 * The newest release of each peer that runs on a Node line: OpenTelemetry's distribution needs 22.15 since 0.82, and
 * dd-trace needs 22 since 6.0.
 * @param node a line, such as '24'
 * @returns versions by package name
 */
export function peerVersions(node) {
  return releases[Number(node) < 22 ? '20' : '22'];
}

/**
 * Each is installed on its own. In one folder, npm would give Elastic's distribution parts that belong to the release of
 * OpenTelemetry's own, and then it makes no spans of ioredis and traces its own exports.
 * @param names what is to be found in the same folder
 * @returns the `node_modules` folder
 * @throws when npm cannot install them
 */
export function installPeers(node, names) {
  const versions = peerVersions(node);
  const specs = names.map((name) => `${name}@${versions[name]}`);
  return installPackages(`bench-${specs.join('-').replaceAll(/[^\w.-]+/g, '-')}`, specs);
}

/** The serialiser and the SDK of OpenTelemetry, which has another name since 3.0. */
export function serialiserPackages(node) {
  return Object.keys(peerVersions(node)).filter((name) => /(otlp-transformer|sdk-trace.*)$/.test(name));
}
