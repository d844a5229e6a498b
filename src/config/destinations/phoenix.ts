/** Phoenix by PHOENIX_*. */
import { resolveEndpoint } from '../endpoint';
import { problem } from '../problem';
import type { Values } from '../settings';
import { parseTarget } from '../target';
import type { OtlpDestination, Problem } from '../types';
import { bearer, otlpDestination } from './otlp-destination';

export function isPhoenixConfigured(values: Values): boolean {
  const { phoenixEndpoint, phoenixApiKey, phoenixHeaders } = values;
  return (
    phoenixEndpoint.value !== undefined ||
    phoenixApiKey.value !== undefined ||
    phoenixHeaders.origin.kind !== 'default'
  );
}

export function phoenix(values: Values, problems: Problem[]): OtlpDestination | undefined {
  const variable = 'PHOENIX_COLLECTOR_ENDPOINT';
  const { phoenixApiKey, phoenixHeaders } = values;
  if (values.phoenixEndpoint.value === undefined) {
    const there = phoenixApiKey.value === undefined ? 'PHOENIX_CLIENT_HEADERS' : 'PHOENIX_API_KEY';
    problems.push(
      problem(
        'PHOENIX_INCOMPLETE',
        there,
        `${there} is set, but ${variable} is not, so nothing is sent to Phoenix.`,
        `Set ${variable}, for example http://localhost:6006, or remove ${there}.`,
      ),
    );
    return undefined;
  }
  const target = parseTarget(values.phoenixEndpoint.value, variable, problems);
  if (target === undefined) return undefined;
  const endpoint = resolveEndpoint(
    target,
    { variable, path: 'complete', lenient: true, httpPort: 6006 },
    problems,
  );
  const headers: Record<string, string> = { ...phoenixHeaders.value };
  if (phoenixApiKey.value !== undefined && headers.authorization === undefined)
    headers.authorization = bearer(phoenixApiKey.value);
  const project = values.phoenixProject.value;
  const grpc = endpoint.protocol === 'grpc';
  return otlpDestination(
    {
      id: 'phoenix',
      label: 'Phoenix',
      target,
      endpoint,
      headers,
      compression: values.otlpCompression.value,
      timeoutMs: values.otlpTimeoutMs.value,
      resourceAttributes: project === undefined ? {} : { 'openinference.project.name': project },
      dialect: 'openinference',
      variable,
      insecure: values.otlpInsecure.value,
      uiUrl: grpc
        ? `http://${target.host}:6006`
        : endpoint.url.slice(0, endpoint.url.lastIndexOf('/v1/traces')),
    },
    problems,
  );
}
