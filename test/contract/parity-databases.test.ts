/**
 * The official instrumentations of databases as an oracle: the routes of a library's fixture once under ours and once under
 * theirs. What the spans of a route say there, ours say too. What differs on purpose stands in parity-databases.ts.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { registry } from '../../src/instrumentations';
import { allServers, serverUrl, skipWithout } from '../helpers/needs';
import { installPackages } from '../helpers/npm-packages';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { fromRoot } from '../helpers/paths';
import { runApp } from '../helpers/run-app';
import type { ReceivedSpan, Value } from '../helpers/span';
import { callerTrace } from '../helpers/traceparent';
import { inTrace } from '../helpers/tree';
import { findLibraries, type Library, libraryProgram } from './libraries';
import { CONNECTING, differences, documented, newNames, officialVersions } from './parity-databases';

/** What the database spans of a route say, by attribute. */
type Said = Map<string, Set<string>>;

const packages = Object.entries(officialVersions).map(
  ([name, { version }]) => `@opentelemetry/instrumentation-${name}@${version}`,
);

describe('says what the official instrumentation says', { concurrency: 1 }, () => {
  const used = new Set<object>();
  let modules = '';
  before(async () => {
    modules = await installPackages('official-databases', packages);
  });

  for (const library of findLibraries()) {
    const official = registry.find(({ name }) => name === library.name)?.official;
    const short = official?.replace('@opentelemetry/instrumentation-', '') ?? '';
    const known = officialVersions[short];
    if (known === undefined || official === undefined || library.file.includes('-cluster')) continue;
    test(library.name, { skip: library.server !== undefined && skipWithout(library.server) }, async () => {
      const version = known.of ?? library.versions[0] ?? '';
      const theirEnv = { OFFICIAL_PACKAGES: official, OFFICIAL_MODULES: modules };
      const ours = await askAll(library, version, known.not);
      const theirs = await askAll(library, version, known.not, theirEnv);
      let count = 0;
      for (const [route, said] of theirs) {
        for (const [attribute, values] of said) {
          count++;
          const own = ours.get(route)?.get(attribute) ?? new Set<string>();
          for (const value of values) {
            if (own.has(value)) continue;
            const difference = differences.find(
              (each) =>
                each.attribute === attribute &&
                each.of.includes(library.name) &&
                each.allows(value, own, everywhere(ours, attribute)),
            );
            assert.ok(difference, `${route}: ${attribute} is ${[...own].join(', ')}, theirs is ${value}`);
            used.add(difference);
          }
        }
      }
      assert.ok(count > 20, 'the official instrumentation traced it');
    });
  }

  test('docs/parity.md has every difference', () => {
    const page = readFileSync(fromRoot('docs/parity.md'), 'utf8');
    for (const difference of differences)
      assert.ok(page.includes(documented(difference)), documented(difference));
  });

  after(() => {
    if (skipWithout(...allServers)) return;
    const idle = differences.filter((each) => !each.depends && !used.has(each)).map(documented);
    assert.deepEqual(idle, [], 'these differences are gone, so the lines about them have to go');
  });
});

function everywhere(routes: ReadonlyMap<string, Said>, attribute: string): ReadonlySet<string> {
  return new Set([...routes.values()].flatMap((said) => [...(said.get(attribute) ?? [])]));
}

async function askAll(
  library: Library,
  version: string,
  not: string | undefined,
  theirEnv?: Record<string, string>,
): Promise<Map<string, Said>> {
  const receiver = await startOtlpReceiver();
  const program = libraryProgram(
    'app.cjs',
    { library, version },
    library.server && serverUrl(library.server),
  );
  const env = {
    ...program.env,
    OFFICIAL_URL: `${receiver.url}/v1/traces`,
    OTEL_SEMCONV_STABILITY_OPT_IN: 'http,database',
    ...theirEnv,
  };
  const preload = ['--require', fromRoot('fixtures/official-otlp/all.cjs')];
  const app = await runApp(
    theirEnv === undefined
      ? { ...program, env, otlp: receiver.url }
      : { ...program, env, flag: 'none', nodeArgs: preload },
  );
  try {
    const traces = new Map<string, string>();
    const routes = Object.keys((await app.get('/routes')).json<object>());
    for (const route of routes.filter((each) => each !== not)) {
      const { traceId, headers } = callerTrace();
      traces.set(route, traceId);
      await app.get(`${route}?n=3&of=one`, headers);
    }
    await app.stop();
    const port = Number(new URL(library.server ? serverUrl(library.server) : 'http://localhost').port);
    const said = new Map<string, Said>();
    for (const [route, traceId] of traces) said.set(route, saidBy(inTrace(receiver.spans(), traceId), port));
    return said;
  } finally {
    await app.stop();
    await receiver.close();
  }
}

/** @param port of the server */
function saidBy(spans: readonly ReceivedSpan[], port: number): Said {
  const said: Said = new Map();
  for (const { kind, name: title, attributes } of spans) {
    if (kind !== 'client' || CONNECTING.has(title)) continue;
    for (const [name, value] of Object.entries(attributes)) {
      const [attribute, text] = renamed(name, value, port);
      const values = said.get(attribute) ?? new Set();
      said.set(attribute, values.add(text));
    }
  }
  return said;
}

function renamed(name: string, value: Value, port: number): [string, string] {
  const attribute = newNames[name] ?? name;
  // A port where nobody listens is another one each time.
  if (attribute === 'server.port' && Number(value) !== port) return [attribute, 'another'];
  // Tables and keys have the number of the process in them.
  return [attribute, String(value).replaceAll(/\bt\d+(?=[_:])/g, 't')];
}
