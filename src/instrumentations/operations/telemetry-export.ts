/**
 * Requests with which other telemetry agents of the process deliver what they have gathered. Exporters of OpenTelemetry,
 * and of what is built on it, suppress tracing in the context (`suppressTracing()` of @opentelemetry/core). The others
 * keep that to themselves and are known by what their requests say of themselves.
 */
import type { HeaderReader } from './http-client';

/** How their `user-agent` begins. */
const AGENTS: readonly string[] = [
  'apm-agent-nodejs/',
  'NewRelic-NodeAgent/',
  'OTel-OTLP-Exporter-',
  'sentry.javascript.',
];

/** Headers of dd-trace: on traces, on telemetry of its own, and on everything that leaves a container. */
const DATADOG_HEADERS: readonly string[] = [
  'datadog-meta-lang',
  'dd-client-library-language',
  'datadog-entity-id',
];

/** https://develop.sentry.dev/sdk/data-model/envelopes/ (Authentication by query). */
const SENTRY_PATH = '/envelope/?sentry_';

/**
 * @param url absolute
 * @param agent value of the header `user-agent`
 */
export function isTelemetryExport(
  method: string,
  url: string,
  agent: string | undefined,
  headers: HeaderReader,
): boolean {
  if (agent !== undefined && AGENTS.some((start) => agent.startsWith(start))) return true;
  // Nothing is delivered by a GET.
  if (method !== 'POST' && method !== 'PUT') return false;
  return url.includes(SENTRY_PATH) || DATADOG_HEADERS.some((name) => headers.get(name) !== undefined);
}
