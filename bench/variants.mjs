// What is measured beside each other: how Node is started, and in which environment.
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const local = (path) => fileURLToPath(new URL(path, import.meta.url));

const otlp = (port) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
  OTEL_TRACES_EXPORTER: 'otlp',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_SERVICE_NAME: 'bench',
  // Everybody gets a queue that holds the whole run, and sends often enough: a lost span would be a saved one.
  OTEL_BSP_SCHEDULE_DELAY: '500',
  OTEL_BSP_MAX_QUEUE_SIZE: '1000000',
});

const register = new URL('../register.mjs', import.meta.url).href;
const ours = { title: '@canvasops/register', flags: () => ['--import', register], env: otlp };

/**
 * By name. `package` names a peer; `flags` gets the `node_modules` folder in which it is, `env` the backend's port and that
 * folder. `share` is that of the traces that are kept; `onlyRequests`: it does nothing in a program without them.
 */
export const variants = {
  bare: { title: 'nothing', share: 0, flags: () => [], env: () => ({}) },
  als: {
    title: 'AsyncLocalStorage only',
    share: 0,
    flags: () => ['--require', local('als.cjs')],
    env: () => ({}),
  },
  computation: {
    title: '5 µs of computation',
    share: 0,
    onlyRequests: true,
    flags: () => ['--require', local('computation.cjs')],
    env: () => ({}),
  },
  ours: { ...ours, share: 1 },
  'ours, none sampled': {
    ...ours,
    title: '@canvasops/register, 0 % sampled',
    share: 0,
    env: (port) => ({ ...otlp(port), OTEL_TRACES_SAMPLER: 'parentbased_always_off' }),
  },
  'ours, 1 % sampled': {
    ...ours,
    title: '@canvasops/register, 1 % sampled',
    share: 0.01,
    env: (port) => ({
      ...otlp(port),
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.01',
    }),
  },
  official: {
    package: '@opentelemetry/auto-instrumentations-node',
    share: 1,
    flags: (folder) => [
      '--require',
      createRequire(`${folder}/`).resolve('@opentelemetry/auto-instrumentations-node/register'),
    ],
    env: otlp,
  },
  elastic: {
    package: '@elastic/opentelemetry-node',
    share: 1,
    flags: (folder) => ['--import', pathToFileURL(`${folder}/@elastic/opentelemetry-node/import.mjs`).href],
    env: (port) => ({ ...otlp(port), ELASTIC_OTEL_METRICS_DISABLED: 'true', OTEL_LOG_LEVEL: 'none' }),
  },
  datadog: {
    package: 'dd-trace',
    share: 1,
    flags: (folder) => ['--require', `${folder}/dd-trace/init.js`],
    env: (port) => ({
      DD_TRACE_AGENT_URL: `http://127.0.0.1:${port}`,
      DD_SERVICE: 'bench',
      DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
      DD_REMOTE_CONFIGURATION_ENABLED: 'false',
      DD_TRACE_STARTUP_LOGS: 'false',
      DD_TRACE_SAMPLE_RATE: '1',
      DD_TRACE_RATE_LIMIT: '-1',
      DD_TRACE_FLUSH_INTERVAL: '500',
    }),
  },
  sentry: {
    package: '@sentry/node',
    share: 1,
    flags: () => ['--require', local('sentry.cjs')],
    env: (port, folder) => ({ SENTRY_DSN: `http://bench@127.0.0.1:${port}/1`, BENCH_PEERS: folder }),
  },
};

/** Measured unless told otherwise. */
export const usual = ['bare', 'als', 'computation', 'ours', 'official', 'elastic', 'datadog', 'sentry'];

/** @returns what a table calls a variant */
export function titleOf(name) {
  const { title, package: peer } = variants[name];
  return title ?? peer;
}
