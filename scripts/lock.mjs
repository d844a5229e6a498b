/**
 * Writes the package-lock.json of fixtures, without a registry's address in it.
 *
 *     npm run lock                              each lock that is missing or does not fit its package.json
 *     npm run lock -- fixtures/pg               the same for one folder
 *     npm run lock -- fixtures/pg pg@8.20.0     with this version, which package.json gets as well
 *     npm run lock -- fixtures/pg --renew       all of it as new as package.json allows
 */
import 'tsx';
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// The helpers are CommonJS, as the package is.
const { fixtureFolders } = createRequire(import.meta.url)('../test/helpers/fixtures.ts');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { renew: { type: 'boolean', default: false } },
});
const [folder, ...specs] = positionals;
const options = [
  '--package-lock-only',
  '--ignore-scripts',
  '--omit-lockfile-registry-resolved',
  '--no-workspaces',
  '--no-audit',
  '--no-fund',
];
// Under `npm run` npm leaves its own settings in the environment, and they name this package's folder.
const env = { ...process.env };
delete env.npm_config_local_prefix;

for (const each of folder === undefined ? fixtureFolders() : [folder]) {
  const cwd = join(root, each);
  if (values.renew) rmSync(join(cwd, 'package-lock.json'), { force: true });
  const { status } = spawnSync('npm', ['install', ...options, ...specs], { cwd, env, stdio: 'inherit' });
  if (status !== 0) {
    console.error(`The lock of ${each} could not be written.`);
    process.exit(1);
  }
}
