/**
 * The fault injector: for every hook that any instrumentation has, and every part that spans pass, a run of a real
 * program in which it fails. Which points there are is found by running the programs; a library that is added to the
 * registry is covered as soon as its fixture has a `behaviour.cjs`.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { registry } from '../../src/instrumentations';
import {
  findLibraries,
  type Library,
  libraryProgram,
  newestOf,
  nodeFor,
  runsOn,
} from '../contract/libraries';
import { skipWithoutCompiler } from '../helpers/native-addons';
import { type ServerName, serverEnv, skipWithout } from '../helpers/needs';
import type { NodeVersion } from '../helpers/node-versions';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { fromRoot } from '../helpers/paths';
import { type RunAppOptions, runToExit } from '../helpers/run-app';

/** How a point fails. `from` is a call, counted from 1, of so many. */
export interface Failing {
  readonly name: string;
  readonly once?: boolean;
  readonly rejects?: boolean;
  /** All points unless told. */
  readonly only?: string;
  /** Of the points in fixtures of libraries, which are most of them: one in so many, from which on. All unless told. */
  readonly some?: { readonly oneIn: number; readonly from: number };
  readonly from: (calls: number) => number;
}

interface Program {
  readonly entry: string;
  /** Another than the one that is asked for where it does not run on that. */
  readonly node?: NodeVersion | undefined;
  readonly args?: string[] | undefined;
  readonly env?: RunAppOptions['env'];
  readonly cwd?: string | undefined;
  /** Not run where hooks of that entry are known already: an older version, in case there is nothing to hook in the newest. */
  readonly unlessReached?: string;
}

type Outcome = Awaited<ReturnType<typeof runToExit>>;

/** Node's warnings have the process id in them. */
async function run(options: RunAppOptions): Promise<Outcome> {
  const outcome = await runToExit(options);
  return { ...outcome, stderr: outcome.stderr.replaceAll(/^\(node:\d+\)/gm, '(node)') };
}

/** Programs that print what they see of their libraries, and see the same with and without tracing. */
function findPrograms(node: NodeVersion | undefined): Program[] {
  const ofLibraries = findLibraries()
    .filter(isTestable)
    .flatMap((library) =>
      library.versions.map((version) => {
        const { entry, args, cwd, env } = libraryProgram('behaviour.cjs', { library, version });
        const isNewest = version === newestOf(library);
        return {
          entry,
          args,
          cwd,
          env,
          node: runsOn(library, version, node) ? node : nodeFor(library, version),
          ...(!isNewest && { unlessReached: library.name }),
        };
      }),
    );
  return [...ofFolders().map((program) => ({ ...program, node })), ...ofLibraries];
}

/** Not every machine can have every server and a compiler. The tests of such a library say why it is not tested. */
function isTestable({ server, build }: Library): boolean {
  if (build.length > 0 && skipWithoutCompiler() !== false) return false;
  return server === undefined || skipWithout(server) === false;
}

function ofFolders(): Program[] {
  return readdirSync(fromRoot('fixtures'), { withFileTypes: true })
    .filter((folder) => folder.isDirectory())
    .flatMap(({ name }) => readdirSync(fromRoot('fixtures', name)).map((file) => `fixtures/${name}/${file}`))
    .filter((entry) => entry.endsWith('behaviour.cjs') && !entry.startsWith('fixtures/library/'))
    .sort()
    .map((entry) => ({ entry, env: serverOf(entry) }));
}

/** `server` in a fixture's package.json names what it connects to. */
function serverOf(entry: string): Record<string, string> {
  const manifest = fromRoot(path.dirname(entry), 'package.json');
  if (!existsSync(manifest)) return {};
  const { server } = JSON.parse(readFileSync(manifest, 'utf8')) as { server?: ServerName };
  return server === undefined ? {} : serverEnv(server);
}

interface Point {
  readonly name: string;
  readonly calls: number;
  readonly program: Program;
  readonly bare: Outcome;
}

const inject = ['--require', fromRoot('test/faults/inject.cjs')];

/** Batches leave when they are full or at the end, never after a time: so the same run has the same calls. */
const BY_COUNT = { OTEL_BSP_SCHEDULE_DELAY: '60000', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '16' };

/** The program that fixtures share, in which most points are. */
const OF_LIBRARIES = 'fixtures/library/behaviour.cjs';

/** Each point with the program that reaches it soonest. */
async function findPoints(folder: string, otlp: string, node: NodeVersion | undefined): Promise<Point[]> {
  const points = new Map<string, Point>();
  for (const program of findPrograms(node)) {
    const { unlessReached: name } = program;
    const hasEntry = registry.some((entry) => entry.name === name);
    if (name !== undefined && (!hasEntry || isReached(name, points.keys()))) continue;
    const census = path.join(folder, 'census.json');
    const bare = await run({ ...program, flag: 'none' });
    const env = { ...program.env, ...BY_COUNT, FAULT_CENSUS: census };
    const seen = await run({ ...program, env, otlp, nodeArgs: inject });
    assertSame(seen, bare, program.entry);
    assert.equal(seen.stderr, bare.stderr, program.entry);
    const counts = JSON.parse(readFileSync(census, 'utf8')) as Record<string, number>;
    for (const [name, calls] of Object.entries(counts)) {
      if (!points.has(name)) points.set(name, { name, calls, program, bare });
    }
  }
  return [...points.values()];
}

/** Whether one of these points is a hook of the entry. */
function isReached(name: string, points: Iterable<string>): boolean {
  return [...points].some((point) => point.startsWith(`${name}: `) && !point.endsWith(': create'));
}

function assertSame(actual: Outcome, bare: Outcome, what: string): void {
  const [ended, endedBare] = [actual, bare].map(({ code, signal }) => `${code ?? signal}`);
  assert.equal(ended, endedBare, `${what}: ${actual.stderr}`);
  if (actual.stdout === bare.stdout) return;
  let at = 0;
  while (actual.stdout[at] === bare.stdout[at]) at++;
  const around = ({ stdout }: Outcome): string => stdout.slice(Math.max(0, at - 100), at + 100);
  assert.fail(`${what} prints\n  ${around(actual)}\ninstead of\n  ${around(bare)}`);
}

/** What we say: at most a line for each instrumentation, and of a backend that it failed and that it works again. */
function assertBrief(stderr: string, bare: string, point: string): void {
  const ours = stderr.split('\n').filter((line) => line !== '' && !bare.includes(line));
  const subjects = ours.map((line) => {
    assert.match(line, /^\[canvasops\] /, `${point}: everything else on stderr is the program's: ${stderr}`);
    return /instrumentation "[\w-]+"|works again/.exec(line)?.[0] ?? '';
  });
  assert.equal(new Set(subjects).size, subjects.length, `${point}: ${stderr}`);
}

/** Runs every point in every way, two at a time. Returns how many runs there were. */
export async function driveFaults(ways: readonly Failing[], node?: NodeVersion): Promise<number> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'faults-'));
  const receiver = await startOtlpReceiver();
  try {
    const points = await findPoints(folder, receiver.url, node);
    const untested = findLibraries().filter((library) => !isTestable(library));
    const names = new Set([...points].map((point) => point.name));
    // The fixture of one library may reach another one (mongoose reaches mongodb), so where a server is missing none is missed.
    const isServerMissing = untested.some(({ server }) => server !== undefined);
    for (const { name } of isServerMissing ? [] : registry) {
      if (untested.some((library) => library.name === name)) continue;
      assert.ok(isReached(name, names), `no fixtures/*/behaviour.cjs reaches ${name}`);
    }
    const runs = points.flatMap((point, at) =>
      ways
        .filter(({ only = point.name }) => only === point.name)
        .filter(({ some }) => !some || point.program.entry !== OF_LIBRARIES || at % some.oneIn === some.from)
        .map((way) => ({ point, way })),
    );
    const failures: unknown[] = [];
    let at = 0;
    const work = async (): Promise<void> => {
      for (let next = runs[at++]; next !== undefined; next = runs[at++]) {
        await runFault(next.point, next.way, path.join(folder, `fired-${at}`), receiver.url).catch(
          (error: unknown) => failures.push(error),
        );
      }
    };
    await Promise.all([work(), work()]);
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('\n\n'));
    return runs.length;
  } finally {
    await receiver.close();
    rmSync(folder, { recursive: true });
  }
}

async function runFault(point: Point, way: Failing, fired: string, otlp: string): Promise<void> {
  const what = `${point.name}, ${way.name}, in ${point.program.entry}`;
  const env = {
    ...point.program.env,
    ...BY_COUNT,
    FAULT_POINT: point.name,
    FAULT_FROM: String(way.from(point.calls)),
    FAULT_ONCE: way.once ? '1' : undefined,
    FAULT_KIND: way.rejects ? 'reject' : undefined,
    FAULT_FIRED: fired,
  };
  const faulty = await run({ ...point.program, env, otlp, nodeArgs: inject });
  assert.ok(existsSync(fired), `${what}: it never failed`);
  assertSame(faulty, point.bare, what);
  assertBrief(faulty.stderr, point.bare.stderr, what);
}
