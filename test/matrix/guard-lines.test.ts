/** Guard rails on the Node lines that are supported, and on some that are not. */
import { describe, it, test } from 'node:test';
import { commandLines } from '../guards/command-lines';
import { oddWorlds } from '../guards/hostile-globals';
import { unaffected } from '../guards/unaffected';
import type { NodeVersion } from '../helpers/node-versions';
import { fromRoot } from '../helpers/paths';

const ONE_AT_A_TIME = { concurrency: 1 };

describe('other flags', { concurrency: 2 }, () => {
  for (const node of ['22', '24', '26'] as const) {
    describe(`Node ${node}`, ONE_AT_A_TIME, () => {
      for (const [name, { lines, ...given }] of Object.entries(commandLines)) {
        if (lines === undefined || lines.includes(node)) it(name, unaffected({ ...given, node }));
      }
    });
  }
});

describe('a changed world, Node 26', ONE_AT_A_TIME, () => {
  for (const [name, given] of oddWorlds) it(name, unaffected({ ...given, node: '26' }));
});

describe('too old', ONE_AT_A_TIME, () => {
  const forms = ['cjs', 'mjs'].map((form) => [fromRoot(`fixtures/guards/app.${form}`)]);
  for (const node of ['14', '16', '18'] as const) {
    const says = new RegExp(
      `^\\[canvasops\\] not tracing: Node ${node}\\.[\\d.]+ is too old; 20\\.6 or later is needed`,
    );
    for (const program of forms) {
      const given = { node, program, spans: 'none', says };
      it(`Node ${node}, --require, ${program}`, unaffected({ ...given, by: '--require' }));
    }
  }
  // Older ones refuse the flag themselves.
  const says = /is too old/;
  for (const program of forms)
    it(`Node 18, --import, ${program}`, unaffected({ node: '18', program, spans: 'none', says }));
});

describe('not there yet', ONE_AT_A_TIME, () => {
  const before = ['--require', fromRoot('fixtures/guards/another-version.cjs')];
  for (const VERSION of ['27.0.0', '30.1.0', '100.0.0-nightly']) {
    it(`Node ${VERSION}`, unaffected({ node: '26', by: '--require', before, env: { VERSION } }));
  }
});

/** `--permission` had another name first, and asks for the network too since 25. */
const permission: Partial<Record<NodeVersion, string[]>> = {
  20: ['--experimental-permission'],
  22: ['--permission'],
  24: ['--permission'],
  26: ['--permission', '--allow-net'],
};

for (const [line, flags] of Object.entries(permission)) {
  const node = line as NodeVersion;
  const reading = (...paths: string[]): string[] => paths.map((path) => `--allow-fs-read=${path}`);
  const app = fromRoot('fixtures/guards');
  const entries = [fromRoot('register.mjs'), fromRoot('register.cjs'), fromRoot('package.json')];
  const given = { node, program: [fromRoot('fixtures/guards/app.cjs')] };
  const exits = ['-e', "require('./round.cjs')(() => process.exit(3))"];

  describe(`--permission, Node ${node}`, ONE_AT_A_TIME, () => {
    it('everything may be read', unaffected({ ...given, before: [...flags, ...reading('*')] }));
    it(
      'no .env may be looked for',
      unaffected({
        ...given,
        before: [...flags, ...reading(...entries, fromRoot('dist'), `${app}/app.cjs`, `${app}/round.cjs`)],
      }),
    );
    it(
      'dist/ may not be read',
      unaffected({
        ...given,
        before: [...flags, ...reading(...entries, `${app}/app.cjs`, `${app}/round.cjs`)],
        spans: 'none',
        // Some releases of Node 26 put the code behind the error's name.
        says: /^\[canvasops\] tracing could not be started; the app runs without it: Error(?: \[ERR_ACCESS_DENIED\])?: Access to this API/,
      }),
    );
    it(
      'a thread may be started at the end',
      unaffected({
        node,
        program: exits,
        env: { OTEL_BSP_SCHEDULE_DELAY: '60000' },
        before: [...flags, ...reading('*'), '--allow-worker'],
      }),
    );
    it(
      'no thread may be started at the end',
      unaffected({
        node,
        program: exits,
        env: { OTEL_BSP_SCHEDULE_DELAY: '60000' },
        before: [...flags, ...reading('*')],
        spans: 'none',
        says: /4 spans lost at the end of the process: no worker thread can be started.*--allow-worker/,
      }),
    );
  });
}

test(
  'no network, Node 26',
  unaffected({
    node: '26',
    program: [
      '-e',
      "require('@opentelemetry/api').trace.getTracer('x').startSpan('x').end(); process.exitCode = 3",
    ],
    before: ['--permission', ...['*'].map((path) => `--allow-fs-read=${path}`)],
    spans: 'none',
    says: /1 span lost at the end of the process: .*ERR_ACCESS_DENIED/,
  }),
);
