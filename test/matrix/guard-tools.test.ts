/** Other tracers, thread pools, process managers and package managers, as npm has them today. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { assertLeftAlone, withoutTimes } from '../guards/package-managers';
import { assertUnaffected, type Case, unaffected } from '../guards/unaffected';
import { installPackages } from '../helpers/npm-packages';
import { fromRoot } from '../helpers/paths';

const ONE_AT_A_TIME = { concurrency: 1 };

describe('other tracers', ONE_AT_A_TIME, () => {
  const env = {
    CANVASOPS_LOG_LEVEL: 'warn',
    OTEL_LOG_LEVEL: 'none',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_NODE_RESOURCE_DETECTORS: 'none',
    OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'net,dns',
    DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
  };
  let cwd = '';
  before(async () => {
    const specs = [
      'dd-trace@6',
      '@elastic/opentelemetry-node@1',
      '@opentelemetry/auto-instrumentations-node@0.82',
      '@opentelemetry/api@1',
    ];
    cwd = path.dirname(await installPackages('guard-tracers', specs));
  });

  const providers = [
    ['--require', '@opentelemetry/auto-instrumentations-node/register'],
    ['--import', '@elastic/opentelemetry-node'],
  ] as const;
  const kept = /^\[canvasops\] @opentelemetry\/instrumentation-\w+ is here too; /;
  for (const [flag, name] of providers) {
    it(`${name} before ours: we step aside`, async () => {
      const says = /^\[canvasops\] not tracing: another OpenTelemetry provider is registered already/;
      const given: Case = { by: flag, before: [flag, name], says, env, cwd };
      // Elastic's own tree is what it is.
      const { spans } = await assertUnaffected({ ...given, spans: 'any' });
      assert.ok(spans.length >= 4);
      for (const { scope } of spans) assert.match(scope.name, /^@opentelemetry\/instrumentation-/);
    });
    it(`${name} after ours: nothing is repeated`, async () => {
      const { spans } = await assertUnaffected({ by: flag, after: [flag, name], says: kept, env, cwd });
      for (const { scope } of spans) assert.match(scope.name, /^@canvasops\/register\//);
    });
  }
  for (const when of ['before', 'after'] as const) {
    it(`dd-trace ${when} ours: both go on`, async () => {
      const { spans } = await assertUnaffected({
        by: '--require',
        [when]: ['--require', 'dd-trace/init'],
        env,
        cwd,
      });
      for (const { scope } of spans) assert.match(scope.name, /^@canvasops\/register\//);
    });
  }
});

describe('thread pools and loggers', ONE_AT_A_TIME, () => {
  let modules = '';
  before(async () => {
    modules = await installPackages('guard-pools', ['piscina@5', 'jest-worker@30', 'pino@10']);
  });
  const program = [fromRoot('fixtures/guards/pools.cjs')];
  for (const pool of ['piscina', 'jest-worker, threads', 'jest-worker, processes', 'pino']) {
    it(pool, () => unaffected({ program, by: 'NODE_OPTIONS', env: { POOL: pool, MODULES: modules } })());
  }
});

describe('package managers', ONE_AT_A_TIME, () => {
  let modules = '';
  before(async () => {
    modules = await installPackages('guard-package-managers', [
      'yarn@1',
      'berry@npm:@yarnpkg/cli-dist@4',
      'pnpm@10',
    ]);
  });
  const main = (name: string): string => path.join(modules, name);
  it('Yarn 1', () => assertLeftAlone(main('yarn/bin/yarn.js'), ['-s', 'info', 'x'], ['-s', 'work']));
  it('Yarn 4', () => assertLeftAlone(main('berry/bin/yarn.js'), ['install'], ['run', 'work']));
  it('pnpm', () => assertLeftAlone(main('pnpm/bin/pnpm.cjs'), ['--silent', 'ping'], ['--silent', 'work']));
});

// It looks for three times two seconds whether anything still runs before it ends.
describe('PM2', { concurrency: 2 }, () => {
  let binary = '';
  before(async () => {
    binary = path.join(await installPackages('guard-pm2', ['pm2@7']), 'pm2/bin/pm2-runtime');
  });
  for (const [mode, program] of [
    ['fork', 'app.cjs'],
    ['cluster', 'clustered.cjs'],
  ]) {
    it(`a program in ${mode} mode is traced, PM2 is not`, async () => {
      const folder = mkdtempSync(path.join(os.tmpdir(), 'canvasops-pm2-'));
      const file = path.join(folder, 'ecosystem.config.cjs');
      const app = {
        name: 'app',
        script: fromRoot('fixtures/guards', program ?? ''),
        exec_mode: mode,
        instances: 1,
        autorestart: false,
      };
      writeFileSync(file, `module.exports = ${JSON.stringify({ apps: [app] })};`);
      const env = { PM2_HOME: folder, PM2_DISABLE_VERSION_CHECK: 'true' };
      try {
        await assertUnaffected({
          binary,
          program: ['start', file, '--raw'],
          by: 'NODE_OPTIONS',
          env,
          normal: inAnyOrder,
          // Without a daemon PM2 sends itself SIGQUIT, whose handler ends with 2, and ends with 0 two milliseconds later
          // (PM2 7, `lib/Daemon.js`, `close`): on a busy machine the second can be first.
          eitherCode: [2, 0],
        });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});

/** The log of PM2 and the output of the program come through different pipes. */
function inAnyOrder(output: string): string {
  return withoutTimes(output).split('\n').sort().join('\n');
}
