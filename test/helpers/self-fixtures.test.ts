/** Fixtures install what their lock pins: once, whoever else does it at the same time, and nothing else. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import manifest from '../../package.json' with { type: 'json' };
import { fixtureFolders, installFixtures, installFolder } from './fixtures';
import { fromRoot } from './paths';
import { runNode } from './run-node';

interface Lock {
  packages: Record<string, { dependencies?: object; resolved?: string }>;
}

const read = <Json>(...parts: string[]): Json => JSON.parse(readFileSync(fromRoot(...parts), 'utf8')) as Json;

test('each fixture has a lock that fits its package.json and names no registry', () => {
  const folders = fixtureFolders();
  assert.ok(folders.length > 10, folders.join());
  for (const folder of folders) {
    assert.ok(existsSync(fromRoot(folder, 'package-lock.json')), `npm run lock -- ${folder}`);
    const { packages } = read<Lock>(folder, 'package-lock.json');
    const { dependencies } = read<{ dependencies: object }>(folder, 'package.json');
    assert.deepEqual(packages['']?.dependencies, dependencies, `npm run lock -- ${folder}`);
    const hosts = Object.values(packages).flatMap(({ resolved = '' }) => resolved || []);
    assert.deepEqual(hosts, [], folder);
  }
});

test('the root installs the packages of no fixture', () => {
  assert.deepEqual(manifest.workspaces, ['examples/*']);
});

let folder = '';
before(() => {
  mkdirSync(fromRoot('.cache'), { recursive: true });
  folder = mkdtempSync(fromRoot('.cache', 'self-fixture-'));
});
after(() => {
  for (const entry of installs()) rmSync(fromRoot('.cache/installed', entry), { recursive: true });
  rmSync(folder, { recursive: true });
});

/** Needs no network: there is no package in it. */
function writeLock(version: string): void {
  const fixture = { name: 'self', version, private: true };
  const lock = { name: 'self', version, lockfileVersion: 3, requires: true, packages: { '': fixture } };
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(fixture));
  writeFileSync(path.join(folder, 'package-lock.json'), JSON.stringify(lock));
}

function installs(): string[] {
  return readdirSync(fromRoot('.cache/installed')).filter((entry) => entry.includes(path.basename(folder)));
}

/** Folders are told apart by their number. */
const inode = (): number => statSync(path.join(folder, 'node_modules')).ino;

test('several processes at once install once, and a second time nothing is installed', async () => {
  writeLock('1.0.0');
  const file = JSON.stringify(fromRoot('test/helpers/fixtures.ts'));
  const script = `require(${file}).installFolder(${JSON.stringify(folder)})`;
  const command = {
    binary: process.execPath,
    args: ['--import', 'tsx', '--eval', script],
    cwd: fromRoot('.'),
  };
  const ended = await Promise.all([1, 2, 3].map(() => runNode(command)));
  for (const { code, stderr } of ended) assert.deepEqual([code, stderr], [0, '']);
  assert.equal(installs().length, 1);
  const first = inode();
  await installFolder(folder);
  assert.equal(inode(), first);
});

test('another lock replaces what the one before installed', async () => {
  const first = inode();
  writeLock('1.0.1');
  await installFolder(folder);
  assert.notEqual(inode(), first);
  assert.equal(installs().length, 1);
});

test('what a killed process left does not stop the next one, and is removed', async () => {
  const gone = String(spawnSync(process.execPath, ['--version']).pid);
  const left = mkdtempSync(fromRoot('.cache/installed', `aside-${gone}-`));
  const [place = ''] = installs();
  rmSync(fromRoot('.cache/installed', place), { recursive: true });
  writeFileSync(fromRoot('.cache/installed', `${place}.pid`), gone);
  await installFolder(folder);
  assert.deepEqual(installs(), [place]);
  assert.ok(!existsSync(left));
});

test('the link replaces what an `npm install` by hand left, and is mended where the cache is gone', async () => {
  const modules = path.join(folder, 'node_modules');
  rmSync(modules);
  mkdirSync(path.join(modules, 'by-hand'), { recursive: true });
  await installFolder(folder);
  assert.ok(!existsSync(path.join(modules, 'by-hand')));
  rmSync(realpathSync(path.dirname(realpathSync(modules))), { recursive: true });
  await installFolder(folder);
  assert.ok(existsSync(modules));
});

test('a failed install says which folder, why, and what to do', async () => {
  writeLock('1.0.2');
  const fixture = { name: 'self', version: '1.0.2', dependencies: { express: '^5.0.0' } };
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(fixture));
  await assert.rejects(installFolder(folder), ({ message }: Error) => {
    const shown = path.join('.cache', path.basename(folder));
    assert.ok(message.startsWith(`The packages of ${shown} cannot be installed: code EUSAGE, `), message);
    assert.ok(message.includes('Missing: express@'), message);
    assert.ok(message.includes(`"npm run lock -- ${shown}"`), message);
    return true;
  });
  assert.equal(installs().length, 1, 'only what was there before');
});

test('what is no file of a fixture is passed over', () =>
  installFixtures('--import', '', '-e', 'a/b', '/', 'https://example.com/a', fromRoot('package.json')));
