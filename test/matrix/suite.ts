/** Test suites that libraries ship in their packages, run by Node's test runner, once by themselves and once under us. */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { fromRoot } from '../helpers/paths';
import { killWhenWeAreGone } from '../helpers/watchdog';

const run = promisify(execFile);
const BOUND_MS = 300_000;

interface Outcome {
  outcome: 'pass' | 'fail' | 'left out';
  error: string;
}

/** By the test's full name. */
export type Outcomes = Map<string, Outcome>;

/** `fastify@5.12.8`, with what its tests need, in `.cache/`. Returns its folder. */
export async function installSuite(spec: string): Promise<string> {
  const name = spec.slice(0, spec.lastIndexOf('@'));
  // Below `node_modules`, since that is where we know a library by.
  const folder = fromRoot('.cache', 'suites', spec.replaceAll('/', '+'), 'node_modules', name);
  if (existsSync(folder)) return folder;
  mkdirSync(path.dirname(folder), { recursive: true });
  const aside = mkdtempSync(fromRoot('.cache', 'suites', 'install-'));
  // Under `npm run` npm leaves its own settings in the environment, and they name this package's folder.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
  const npm = (cwd: string, ...args: string[]): Promise<{ stdout: string }> =>
    run('npm', args, { cwd, env, timeout: BOUND_MS, maxBuffer: 2 ** 24 });
  try {
    const { stdout } = await npm(aside, 'pack', '--silent', spec);
    await run('tar', ['xzf', stdout.trim()], { cwd: aside });
    const unpacked = path.join(aside, 'package');
    await npm(unpacked, 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--legacy-peer-deps');
    renameSync(unpacked, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return folder;
}

export interface SuiteRun {
  folder: string;
  /** Files of tests end like this. */
  endings: readonly string[];
  nodeArgs?: readonly string[];
  env?: Readonly<Record<string, string>>;
}

export async function runSuite({ folder, endings, nodeArgs = [], env = {} }: SuiteRun): Promise<Outcomes> {
  const files = readdirSync(path.join(folder, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => endings.some((ending) => file.endsWith(ending)))
    .map((file) => path.join('test', file))
    .sort();
  const aside = mkdtempSync(path.join(fromRoot('.cache', 'suites'), 'run-'));
  const results = path.join(aside, 'results');
  const reporter = pathToFileURL(fromRoot('test/matrix/suite-reporter.mjs')).href;
  const args = [
    ...nodeArgs,
    '--test',
    '--test-concurrency=2',
    '--test-reporter',
    reporter,
    '--test-reporter-destination',
    results,
  ];
  const { PATH, HOME } = process.env;
  try {
    const child = spawn(process.execPath, [...args, ...files], {
      cwd: folder,
      env: { PATH, HOME, ...env },
      stdio: 'ignore',
    });
    const callOff = child.pid === undefined ? () => undefined : killWhenWeAreGone(child.pid, 'SIGKILL');
    const bound = setTimeout(() => child.kill('SIGKILL'), BOUND_MS);
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => resolve());
    });
    clearTimeout(bound);
    callOff();
    return read(readFileSync(results, 'utf8'));
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

function read(text: string): Outcomes {
  const outcomes: Outcomes = new Map();
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const { name, ...result } = JSON.parse(line) as Outcome & { name: string };
    // Names need not be unique.
    let unique = name;
    for (let n = 2; outcomes.has(unique); n++) unique = `${name} #${n}`;
    outcomes.set(unique, result);
  }
  return outcomes;
}

export function count(outcomes: Outcomes, wanted: 'pass' | 'fail'): number {
  return [...outcomes.values()].filter(({ outcome }) => outcome === wanted).length;
}

/** Tests that pass by themselves, and fail or are missing under us: by name, with the error. */
export function brokenBy(bare: Outcomes, ours: Outcomes): Map<string, string> {
  const broken = new Map<string, string>();
  for (const [name, { outcome }] of bare) {
    const under = ours.get(name);
    if (outcome === 'pass' && under?.outcome !== 'pass') broken.set(name, under?.error ?? 'missing');
  }
  return broken;
}
