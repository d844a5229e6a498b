// What is measured beside each other. The peers are installed into .cache/ on demand, so that nobody else pays.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = new URL('.', import.meta.url);
const cache = new URL('../.cache/bench-peers/', here);
const manifest = readFileSync(new URL('peers.json', here), 'utf8');

export function installPeers() {
  const folder = fileURLToPath(cache);
  const installed = `${folder}package.json`;
  if (existsSync(installed) && readFileSync(installed, 'utf8') === manifest) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(installed, manifest);
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: folder,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('the peers could not be installed');
}

const peer = (path) => new URL(`node_modules/${path}`, cache).href;
const peerPath = (path) => fileURLToPath(peer(path));

const otlp = (port) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
  OTEL_TRACES_EXPORTER: 'otlp',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_SERVICE_NAME: 'bench',
  // Everybody gets a queue that holds the whole run, and sends often enough: a lost span would be a saved one.
  OTEL_BSP_SCHEDULE_DELAY: '500',
  OTEL_BSP_MAX_QUEUE_SIZE: '100000',
});

export const variants = {
  bare: { flags: [], env: () => ({}) },
  ours: { flags: ['--import', new URL('../register.mjs', here).href], env: otlp },
  official: {
    package: '@opentelemetry/auto-instrumentations-node',
    flags: ['--require', peerPath('@opentelemetry/auto-instrumentations-node/build/src/register.js')],
    env: otlp,
  },
  elastic: {
    package: '@elastic/opentelemetry-node',
    flags: ['--import', peer('@elastic/opentelemetry-node/import.mjs')],
    env: (port) => ({ ...otlp(port), ELASTIC_OTEL_METRICS_DISABLED: 'true', OTEL_LOG_LEVEL: 'none' }),
  },
  datadog: {
    package: 'dd-trace',
    flags: ['--require', peerPath('dd-trace/init.js')],
    env: (port) => ({
      DD_TRACE_AGENT_URL: `http://127.0.0.1:${port}`,
      DD_SERVICE: 'bench',
      DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
      DD_REMOTE_CONFIGURATION_ENABLED: 'false',
      DD_TRACE_STARTUP_LOGS: 'false',
      DD_TRACE_SAMPLE_RATE: '1',
      DD_TRACE_RATE_LIMIT: '-1',
    }),
  },
};
