/** What `npm i @canvasops/register` brings: small, complete, and understood by every kind of importer. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { startOtlpReceiver } from './helpers/otlp-receiver';
import { fromRoot } from './helpers/paths';

const run = promisify(execFile);
const MEGABYTE = 1024 * 1024;
const MAX_PACKAGES = 12;

interface Packed {
  filename: string;
  unpackedSize: number;
  files: { path: string }[];
}

let dir: string;
let packed: Packed;
let tarball: string;

// What npm sets for its scripts would name this folder to the npm that we start.
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS|NODE_TEST)/i.test(name)),
);

before(async () => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'canvasops-package-'));
  // Without scripts: `prepare` would build, under the feet of the tests that run at the same time.
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', dir];
  const { stdout } = await run('npm', args, { cwd: fromRoot('.'), env });
  const [first] = JSON.parse(stdout) as Packed[];
  assert.ok(first);
  packed = first;
  tarball = path.join(dir, packed.filename);
});
after(() => rmSync(dir, { recursive: true, force: true }));

test('the package is small and has nothing stray in it', () => {
  assert.ok(packed.unpackedSize < MEGABYTE, `${packed.unpackedSize} bytes`);
  const expected =
    /^(package\.json|README\.md|CHANGELOG\.md|LICENSE|register\.[cm]js|dist\/.+\.([cm]js|d\.[cm]ts))$/;
  const stray = packed.files.map((file) => file.path).filter((name) => !expected.test(name));
  assert.deepEqual(stray, []);
});

test('everything that package.json names is in it', () => {
  const manifest = readFileSync(fromRoot('package.json'), 'utf8');
  const named = [...manifest.matchAll(/"\.\/((?:dist|register|package)[^"]*)"/g)].map(
    (match) => match[1] ?? '',
  );
  const names = packed.files.map((file) => file.path);
  assert.ok(named.length > 5);
  for (const name of named) assert.ok(names.includes(name), name);
  for (const name of ['README.md', 'LICENSE', 'CHANGELOG.md']) assert.ok(names.includes(name), name);
});

test('publint has nothing to say', async () => {
  const { stdout } = await run('npx', ['--no-install', 'publint', tarball, '--strict'], {
    cwd: fromRoot('.'),
    env,
  });
  assert.match(stdout, /All good!/);
});

test('its types are right for every kind of importer', async () => {
  const args = ['--no-install', 'attw', tarball, '--format', 'json'];
  const { stdout } = await run('npx', args, { cwd: fromRoot('.'), env });
  const { analysis } = JSON.parse(stdout) as { analysis: { problems: unknown[] } };
  assert.deepEqual(analysis.problems, []);
});

test('no install script, and few dependencies', () => {
  const lock = JSON.parse(readFileSync(fromRoot('package-lock.json'), 'utf8')) as {
    packages: Record<string, { dependencies?: Record<string, string>; hasInstallScript?: boolean }>;
  };
  const found = new Set<string>();
  const walk = (from: string): void => {
    for (const name of Object.keys(lock.packages[from]?.dependencies ?? {})) {
      // As Node looks for it: beside, then further up.
      let folder = from;
      let at = `${folder}/node_modules/${name}`;
      while (lock.packages[at.replace(/^\//, '')] === undefined && folder !== '') {
        folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')));
        at = `${folder}/node_modules/${name}`;
      }
      const key = at.replace(/^\//, '');
      assert.ok(lock.packages[key], `${name} of ${from} is not in the lock file`);
      if (found.has(key)) continue;
      found.add(key);
      walk(key);
    }
  };
  walk('');
  assert.ok(found.size >= 5 && found.size < MAX_PACKAGES, [...found].join('\n'));
  for (const key of found) assert.equal(lock.packages[key]?.hasInstallScript ?? false, false, key);
});

test('installed from its tarball it works', async (context) => {
  const app = path.join(dir, 'app');
  mkdirSync(app);
  writeFileSync(path.join(app, 'package.json'), '{ "name": "shop", "version": "1.0.0" }');
  const args = [
    'install',
    tarball,
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--omit=dev',
    '--ignore-scripts',
  ];
  try {
    await run('npm', args, { cwd: app, env });
  } catch (error) {
    const { stderr } = error as { stderr: string };
    // Only where there is no way to the registry.
    if (!/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENOTCACHED|ETIMEDOUT/.test(stderr)) throw error;
    context.skip(`the dependencies cannot be fetched here: ${stderr.slice(0, 200)}`);
    return;
  }
  const { packages, bytes } = weigh(path.join(app, 'node_modules'));
  assert.ok(packages <= MAX_PACKAGES, `${packages} packages`);
  assert.ok(bytes < 5 * MEGABYTE, `${bytes} bytes`);

  const node = (...rest: string[]) => run(process.execPath, rest, { cwd: app, env });
  const keys =
    'Object.keys(api).filter((name) => name !== "default" && name !== "module.exports").sort().join()';
  const required = await node('-p', `const api = require('@canvasops/register/api'); ${keys}`);
  const source = `import * as api from '@canvasops/register/api'; console.log(${keys})`;
  const imported = await node('--input-type=module', '-e', source);
  assert.equal(imported.stdout, required.stdout);
  assert.match(required.stdout, /\baddMetadata\b.*\btraceFunction\b/);

  const { version } = JSON.parse(readFileSync(fromRoot('package.json'), 'utf8')) as { version: string };
  const answer = await run('npx', ['--no-install', 'canvasops', '--version'], { cwd: app, env });
  assert.ok(answer.stdout.includes(version), answer.stdout);

  const receiver = await startOtlpReceiver();
  writeFileSync(
    path.join(app, 'app.js'),
    "require('@canvasops/register/api').span('work', () => console.log('done'));",
  );
  for (const flag of ['--import', '--require']) {
    const ended = await run(process.execPath, [flag, '@canvasops/register', 'app.js'], {
      cwd: app,
      env: { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
    });
    assert.deepEqual(ended, { stdout: 'done\n', stderr: '' });
  }
  assert.deepEqual(
    receiver.spans().map(({ name, resource }) => [name, resource['service.name']]),
    [
      ['work', 'shop'],
      ['work', 'shop'],
    ],
  );
  await receiver.close();
});

/** Packages and bytes below a node_modules folder. */
function weigh(folder: string): { packages: number; bytes: number } {
  const total = { packages: 0, bytes: 0 };
  const visit = (at: string): void => {
    for (const name of readdirSync(at)) {
      const full = path.join(at, name);
      const stat = lstatSync(full);
      if (stat.isDirectory()) visit(full);
      else total.bytes += stat.size;
      const isPackage = name === 'package.json' && /node_modules\/(@[^/]+\/)?[^/]+$/.test(at);
      if (isPackage) total.packages++;
    }
  };
  visit(folder);
  return total;
}
