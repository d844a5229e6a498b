// The tracers that ours is measured beside. They are installed into .cache/ on demand, so that nobody else pays.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * The newest release of each peer that runs on a Node line: OpenTelemetry's distribution needs 22.15 since 0.82, and
 * dd-trace needs 22 since 6.0.
 * @param node a line, such as '24'
 * @returns their folder, their versions by name, and `resolve`, which finds a file of theirs as Node's `require` does;
 *   before `install` there is nothing to find
 */
export function peersFor(node) {
  const name = Number(node) < 22 ? 'node-20' : 'node-22';
  const manifest = readFileSync(new URL(`peers/${name}.json`, import.meta.url), 'utf8');
  const folder = fileURLToPath(new URL(`../.cache/bench-peers-${name}`, import.meta.url));
  return {
    folder,
    versions: JSON.parse(manifest).dependencies,
    resolve: (path) => createRequire(`${folder}/`).resolve(path),
    install: () => install(folder, manifest),
  };
}

/** @throws when npm cannot install them */
function install(folder, manifest) {
  const installed = `${folder}/package.json`;
  const done = `${folder}/node_modules/.package-lock.json`;
  if (existsSync(done) && readFileSync(installed, 'utf8') === manifest) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(installed, manifest);
  // Under `npm run` npm leaves its own settings in the environment, and they name this package's folder.
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('npm_')));
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--no-workspaces'];
  execFileSync('npm', args, {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: 10 * 60_000,
  });
}
