/**
 * Compiles a program that uses the packed package's types, with the declaration files checked as well
 * (`skipLibCheck: false`), in a folder where nothing is installed but the package and what it depends on.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { fromRoot } from '../helpers/paths';

const run = promisify(execFile);

export type Resolution = 'node10' | 'node16' | 'nodenext' | 'bundler';

export interface Cell {
  resolution: Resolution;
  /** Whether the program has `@types/node`; without them it knows of ES2022 only. */
  withNode: boolean;
  /** Path of the compiler. */
  tsc: string;
  /** Version of the compiler: `6.0`. */
  version: string;
}

/** Every function and type that is exported, as a program would use it; `ending` is for those that have `using`. */
function sourceOf(withNode: boolean): string {
  const ending = withNode
    ? "export function scoped(): void { using work = startSpan('c', { root: true }); work.end(); }"
    : '';
  return `
import '@canvasops/register';
import {
  addEvent, addMetadata, addTags, flush, getCurrentSpan, getCurrentSpanContext, getQueryStats, getStats, getTracer,
  recordException, setSession, setStatus, setUser, shutdown, span, startSpan, traceBulkCreate, traceBulkUpdate,
  traceCreate, traceDatabaseQuery, traceDelete, traceExternalRequest, traceFunction, tracer, traceSave,
  traceTransaction, traceUpdate,
  type DatabaseQueryOptions, type DestinationStats, type DisposableSpan, type FunctionTracer, type Model,
  type QueryStats, type StatementStats, type Stats, type TraceOptions, type UrlLike,
} from '@canvasops/register/api';

declare const maybe: string | undefined;
const options: TraceOptions = { root: undefined, attributes: { a: 1 } };
const query: DatabaseQueryOptions = { system: 'mysql', namespace: maybe };
const url: UrlLike = { href: 'http://localhost/' };
const model: Model = { name: 'User' };
const started: DisposableSpan = startSpan('a', options);
started.end();
const two: number = span('b', options, (current) => (current.setAttribute('a', 1), 2));
const loaded: Promise<string> = span('b', async () => 'a');
const load: (id: string) => number = traceFunction('l')((id: string) => id.length);
const save: (row: object) => object = traceSave(model)((row: object) => row);
const tracers: FunctionTracer[] = [traceCreate, traceUpdate, traceDelete, traceBulkCreate, traceBulkUpdate].map((trace) =>
  trace('User'));
class Service {
  @traceFunction('find')
  find(id: string): string {
    return id;
  }
}
${ending}
export async function main(): Promise<boolean> {
  const answer: { status: number } = traceExternalRequest('GET', url, () => ({ status: 200 }));
  const rows: string[] = traceDatabaseQuery('SELECT 1', query, () => ['1']);
  const done: number = traceTransaction('t', () => rows.length + answer.status + two + load('a'));
  addMetadata({ done });
  addEvent('e', { a: 1 });
  addTags(['a']);
  recordException(new Error('no'), getCurrentSpan());
  setSession('s');
  setStatus('error', 'why');
  setUser(1);
  tracer.addMetadata('key', new Service().find(getCurrentSpanContext()?.traceId ?? await loaded));
  getTracer('x').startSpan('y').end();
  const queries: QueryStats = getQueryStats();
  const statements: readonly StatementStats[] = Object.values(queries.byStatement);
  const stats: Stats = getStats();
  const destinations: DestinationStats[] = Object.values(stats.destinations);
  await shutdown(1);
  return flush(statements.length + destinations.length + tracers.length + Object.keys(save({})).length);
}
`;
}

export interface Consumer {
  /** What the compiler says; '' if it is content. */
  compile(cell: Cell): Promise<string>;
  remove(): void;
}

/** Packs the package and unpacks it where a program would have it. */
export async function setUpConsumer(): Promise<Consumer> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'canvasops-types-'));
  const modules = path.join(folder, 'node_modules');
  mkdirSync(path.join(modules, '@canvasops/register'), { recursive: true });
  // Without scripts: `prepare` would build, under the feet of the tests that run at the same time.
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
  const { stdout } = await run('npm', args, { cwd: fromRoot('.'), env });
  const [packed] = JSON.parse(stdout) as { filename: string }[];
  const into = path.join(modules, '@canvasops/register');
  await run('tar', ['xf', path.join(folder, packed?.filename ?? ''), '--strip-components=1', '-C', into]);
  cpSync(fromRoot('node_modules/@opentelemetry/api'), path.join(modules, '@opentelemetry/api'), {
    recursive: true,
  });
  mkdirSync(path.join(modules, '@types'));
  for (const name of ['@types/node', 'undici-types'])
    symlinkSync(fromRoot('node_modules', name), path.join(modules, name));
  let count = 0;

  return {
    async compile({ resolution, withNode, tsc, version }) {
      const project = path.join(folder, `project-${++count}`);
      mkdirSync(project);
      const isOwnFormat = resolution === 'node16' || resolution === 'nodenext';
      const names = isOwnFormat ? ['program.mts', 'program.cts'] : ['program.ts'];
      for (const name of names) writeFileSync(path.join(project, name), sourceOf(withNode));
      const compilerOptions = {
        target: 'es2022',
        lib: ['es2022'],
        types: withNode ? ['node'] : [],
        module: isOwnFormat ? resolution : resolution === 'bundler' ? 'esnext' : 'commonjs',
        moduleResolution: resolution,
        ...(resolution === 'node10' && Number(version) >= 6 ? { ignoreDeprecations: '6.0' } : {}),
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: false,
        noEmit: true,
      };
      writeFileSync(path.join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: names }));
      try {
        await run(process.execPath, [tsc, '--project', project, '--pretty', 'false'], {
          cwd: project,
          timeout: 120_000,
        });
        return '';
      } catch (error) {
        const { stdout: said = '', stderr = '' } = error as { stdout?: string; stderr?: string };
        return said + stderr || String(error);
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
