/**
 * What a library's fixture says is what is seen: for each of its versions, as CommonJS and as ESM. Which libraries there are
 * is found in the folders: those with a `library.cjs`, and those with a `<library>.library.cjs` for each of several libraries.
 * What is done with another kind of server is in a file that has its name, `library-redis-cluster.cjs`.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { registry } from '../../src/instrumentations';
import type { OperationKind } from '../../src/instrumentations/define';
import { skipWithoutCompiler } from '../helpers/native-addons';
import { type ServerName, serverEnv, serverUrl, skipWithout } from '../helpers/needs';
import { isRunning, type NodeVersion, SUPPORTED_LINES } from '../helpers/node-versions';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { fromRoot } from '../helpers/paths';
import { type RunAppOptions, type RunningApp, runApp, runToExit } from '../helpers/run-app';
import { type ProxyKind, type StatementProxy, startStatementProxy } from '../helpers/statement-proxy';

export interface Library {
  /** Name of the fixture's folder, or the name before `.library.cjs`. The library's entry in the registry has the same. */
  readonly name: string;
  readonly kind: OperationKind;
  readonly file: string;
  /** The package that its versions are of. */
  readonly subject: string;
  /** What it connects to. */
  readonly server: ServerName | undefined;
  /** The fixture starts a server of its own, because the real one cannot run everywhere. */
  readonly hasOwnServer: boolean;
  /** What its spans do not say, because its server has no such thing. */
  readonly lacks: readonly string[];
  /** The names under which its versions are installed, or the folders that have them; the newest comes first. */
  readonly versions: readonly string[];
  /** The lines of Node on which a version runs, where it does not run on all of them. */
  readonly nodes: Readonly<Record<string, readonly NodeVersion[]>>;
  /** Versions whose addon is compiled here. */
  readonly build: readonly string[];
}

export type Form = 'cjs' | 'mjs';

export interface Subject {
  readonly library: Library;
  readonly version: string;
  readonly form: Form;
  readonly node?: NodeVersion | undefined;
}

const LIBRARY_FILE = /^(?:(?<own>.+)\.)?library(?:-(?<server>[\w-]+))?\.cjs$/;

/** @returns those that `--library` of the runner names, or all */
export function findLibraries(): Library[] {
  const named = (process.env.TEST_LIBRARIES ?? '').split(',').filter((name) => name !== '');
  const libraries = findAll().filter(({ name }) => named.length === 0 || named.includes(name));
  assert.ok(libraries.length > 0, `no fixture is called ${named.join(' or ')}`);
  return libraries;
}

function findAll(): Library[] {
  return readdirSync(fromRoot('fixtures'), { withFileTypes: true })
    .filter((folder) => folder.isDirectory())
    .flatMap(({ name }) => readdirSync(fromRoot('fixtures', name)).map((file) => ({ folder: name, file })))
    .filter(({ file }) => LIBRARY_FILE.test(file))
    .sort((a, b) => (`${a.folder}/${a.file}` < `${b.folder}/${b.file}` ? -1 : 1))
    .map(readLibrary);
}

function readLibrary({ folder, file }: { folder: string; file: string }): Library {
  const { own, server: namedServer } = LIBRARY_FILE.exec(file)?.groups ?? {};
  const name = own ?? folder;
  const manifest = JSON.parse(readFileSync(fromRoot('fixtures', folder, 'package.json'), 'utf8')) as {
    server?: ServerName;
    ownServer?: boolean;
    lacks?: string[];
    subject?: string;
    nodes?: Library['nodes'];
    build?: Library['build'];
    dependencies?: Record<string, string>;
  };
  const { lacks = [], subject = name, nodes = {}, build = [], dependencies } = manifest;
  // A builtin is installed with Node.
  const installed = Object.keys(dependencies ?? { [subject]: '' }).filter(
    (each) => each === subject || (each.startsWith(`${subject}-`) && /\d$/.test(each)),
  );
  const folders = readdirSync(fromRoot('fixtures', folder)).filter(
    (each) =>
      existsSync(fromRoot('fixtures', folder, each, 'package.json')) &&
      (own === undefined || (each.startsWith(`${name}-`) && /\d$/.test(each))),
  );
  // A library that keeps the context by itself needs no entry. Its fixture proves that it still does.
  const kind =
    registry.find((entry) => entry.name === name)?.kind ?? (own === undefined ? undefined : 'context');
  assert.ok(kind, `the registry has no entry for fixtures/${folder}/${file}`);
  return {
    name,
    kind,
    file: `fixtures/${folder}/${file}`,
    subject,
    server: (namedServer as ServerName | undefined) ?? manifest.server,
    hasOwnServer: manifest.ownServer === true,
    lacks,
    versions: [...installed, ...folders],
    nodes,
    build,
  };
}

/** It has the library's own name. */
export function newestOf({ versions }: Library): string {
  const [newest] = versions;
  assert.ok(newest !== undefined, 'a library has at least one version');
  return newest;
}

/** @returns '' for what is installed with Node */
export function installedVersion(library: Library, version: string): string {
  const folder = path.dirname(fromRoot(library.file));
  const places = [
    path.join(folder, version, 'node_modules', library.subject, 'package.json'),
    path.join(folder, 'node_modules', version, 'package.json'),
  ];
  const manifest = places.find((place) => existsSync(place));
  if (manifest === undefined) return '';
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

export function oldestOf(library: Library): string {
  const [oldest] = [...library.versions].sort((a, b) =>
    installedVersion(library, a).localeCompare(installedVersion(library, b), 'en', { numeric: true }),
  );
  return oldest ?? newestOf(library);
}

/** Whether that version runs on a line of Node; undefined is the one that runs the tests. */
export function runsOn({ nodes }: Library, version: string, node: NodeVersion | undefined): boolean {
  const lines = nodes[version];
  return lines === undefined || lines.some((line) => (node === undefined ? isRunning(line) : line === node));
}

/**
 * Why a version cannot be tested; false: it can.
 * @param node undefined is the one that runs the tests
 */
export function skipVersion(library: Library, version: string, node?: NodeVersion): string | false {
  const { name, build, server } = library;
  if (!runsOn(library, version, node))
    return `it does not run on this Node (nodes in fixtures/${name}/package.json)`;
  const without = build.length > 0 && skipWithoutCompiler();
  return without || (server !== undefined && skipWithout(server));
}

/** The line of Node to run a version on: undefined, which is the one that runs the tests, or else the oldest that it runs on. */
export function nodeFor(library: Library, version: string): NodeVersion | undefined {
  return runsOn(library, version, undefined)
    ? undefined
    : SUPPORTED_LINES.find((line) => runsOn(library, version, line));
}

/** In which of them a version is loaded: `form` in the package.json of its folder, or both. */
export function formsOf({ library, version }: Omit<Subject, 'form'>): readonly Form[] {
  const own = fromRoot(path.dirname(library.file), version, 'package.json');
  const { form } = existsSync(own) ? (JSON.parse(readFileSync(own, 'utf8')) as { form?: Form }) : {};
  return form === undefined ? ['cjs', 'mjs'] : [form];
}

/** The command line of one of the programs in `fixtures/library`. */
export function libraryProgram(
  program: 'app.cjs' | 'app.mjs' | 'behaviour.cjs' | 'hostile.cjs',
  { library, version, node }: Omit<Subject, 'form'>,
  url?: string,
): RunAppOptions {
  const { server } = library;
  const own = fromRoot(path.dirname(library.file), version, 'package.json');
  return {
    entry: `fixtures/library/${program}`,
    // A program is above its libraries, or its working directory is.
    cwd: path.dirname(existsSync(own) ? own : fromRoot(library.file)),
    // What a command line names is installed before it is run; the last one is for nobody else.
    args: [fromRoot(library.file), version, ...(existsSync(own) ? [own] : [])],
    ...(node !== undefined && { node }),
    env: {
      ...(server && serverEnv(server, url)),
      // The tests of others run beside this one, and what is not answered in time is said to be lost.
      CANVASOPS_EXIT_TIMEOUT: '10000',
    },
  };
}

const proxies: Partial<Record<ServerName, ProxyKind>> = {
  postgres: 'postgres',
  mariadb: 'mysql',
  redis: 'redis',
};

export interface Setting {
  readonly app: RunningApp;
  readonly receiver: OtlpReceiver;
  readonly proxy: StatementProxy | undefined;
}

export async function withApp(
  subject: Subject,
  use: (setting: Setting) => Promise<void>,
  env: Record<string, string> = {},
): Promise<void> {
  const receiver = await startOtlpReceiver();
  const { server } = subject.library;
  const kind = server && proxies[server];
  const proxy = kind && (await startStatementProxy(kind, serverUrl(server)));
  const program = libraryProgram(`app.${subject.form}`, subject, proxy?.url);
  const app = await runApp({ ...program, env: { ...program.env, ...env }, otlp: receiver.url });
  try {
    await use({ app, receiver, proxy });
    await app.stop();
    assert.equal(app.stderr().includes('[canvasops]'), false, app.stderr());
    for (const { body } of receiver.requests) assert.equal(body.includes('CANARY'), false, 'a value got out');
  } finally {
    await app.stop();
    await Promise.all([receiver.close(), proxy?.close()]);
  }
}

/** Warnings of Node have the process id in them. */
function endOf({ code, signal, stderr }: Awaited<ReturnType<typeof runToExit>>): object {
  return { code, signal, stderr: stderr.replaceAll(/^\(node:\d+\)/gm, '(node)') };
}

/** A program that ends by itself prints the same with and without us. */
export async function assertSameOutput(
  subject: Omit<Subject, 'form'>,
  program: 'behaviour.cjs' | 'hostile.cjs',
): Promise<void> {
  const receiver = await startOtlpReceiver();
  const run = libraryProgram(program, subject);
  const [bare, traced] = await Promise.all([
    runToExit({ ...run, flag: 'none' }),
    runToExit({ ...run, otlp: receiver.url }),
  ]);
  await receiver.close();
  assert.equal(bare.code, 0, bare.stderr);
  const [expected, actual] = [bare, traced].map(({ stdout }) => stdout.trim().split('\n'));
  for (const [at, line] of (expected ?? []).entries()) assert.equal(actual?.[at], line);
  assert.deepEqual(endOf(traced), endOf(bare));
  assert.ok(receiver.spans().length > 5, 'it was traced');
}
