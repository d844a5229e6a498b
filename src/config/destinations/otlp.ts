/** The destination of the standard OTEL_EXPORTER_OTLP_* variables and of OTLP_ENDPOINT. */
import { resolve } from 'node:path';
import { type EndpointRules, resolveEndpoint } from '../endpoint';
import { problem } from '../problem';
import type { Values } from '../settings';
import { parseTarget, type Target } from '../target';
import type { OtlpDestination, Problem, TlsFiles } from '../types';
import { bearer, otlpDestination } from './otlp-destination';

const LEGACY = 'OTLP_ENDPOINT';

/** Where receivers listen by default; most programs start with it, so it is not even parsed. */
const STANDARD: Target = {
  scheme: 'http',
  host: 'localhost',
  port: 4318,
  path: '',
  search: '',
  authorization: undefined,
};

export function isLegacyEndpoint(values: Values): boolean {
  return values.otlpEndpoint.origin.variable === LEGACY;
}

/** The endpoint's variable, and what the rules for it are. */
function rulesFor(values: Values): EndpointRules {
  const { variable } = values.otlpEndpoint.origin;
  const legacy = variable === LEGACY;
  return {
    variable,
    protocol: values.otlpProtocol.value,
    protocolVariable: values.otlpProtocol.origin.variable,
    path: legacy ? 'if-empty' : variable === 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT' ? 'as-is' : 'append',
    lenient: legacy,
    grpcByDefault: legacy,
    insecure: values.otlpInsecure.value,
  };
}

function headersOf(values: Values, shadowed: boolean): Record<string, string> {
  const { otlpHeaders: general, otlpTracesHeaders: traces, otlpApiKey } = values;
  // The more specific list wins, unless it comes from the weaker source.
  const generalWins = general.origin.kind === 'env' && traces.origin.kind === 'file';
  const headers: Record<string, string> = generalWins
    ? { ...traces.value, ...general.value }
    : { ...general.value, ...traces.value };
  // The key was given for OTLP_ENDPOINT; another endpoint in its place must not learn it.
  if (otlpApiKey.value !== undefined && !shadowed && headers.authorization === undefined) {
    headers.authorization = bearer(otlpApiKey.value);
  }
  return headers;
}

function tlsFiles(values: Values, cwd: string, secure: boolean, problems: Problem[]): TlsFiles {
  const { otlpCertificate, otlpClientKey, otlpClientCertificate } = values;
  const all = [otlpCertificate, otlpClientKey, otlpClientCertificate];
  const set = all.find((file) => file.value !== undefined);
  if (set === undefined) return {};
  if ((otlpClientKey.value === undefined) !== (otlpClientCertificate.value === undefined)) {
    const [there, missing] =
      otlpClientKey.value === undefined
        ? [otlpClientCertificate.origin.variable, 'OTEL_EXPORTER_OTLP_CLIENT_KEY']
        : [otlpClientKey.origin.variable, 'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE'];
    problems.push(
      problem(
        'TLS_PAIR',
        there,
        `${there} is set, but ${missing} is not; one is no use without the other.`,
        `Set ${missing} too.`,
      ),
    );
  }
  if (!secure) {
    problems.push(
      problem(
        'TLS_UNUSED',
        set.origin.variable,
        `${set.origin.variable} is set, but the OTLP endpoint is not encrypted.`,
        'Use https:// in the endpoint.',
      ),
    );
  }
  const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(cwd, path));
  return {
    certificate: absolute(otlpCertificate.value),
    clientKey: absolute(otlpClientKey.value),
    clientCertificate: absolute(otlpClientCertificate.value),
  };
}

/** undefined = the endpoint cannot be used, and was reported. Without an endpoint: the standard one on localhost. */
export function otlp(
  values: Values,
  cwd: string,
  implicit: boolean,
  problems: Problem[],
): OtlpDestination | undefined {
  const text = values.otlpEndpoint.value;
  const grpc = values.otlpProtocol.value === 'grpc';
  const rules: EndpointRules =
    text === undefined ? { ...rulesFor(values), variable: '', path: 'append' } : rulesFor(values);
  const target =
    text === undefined
      ? { ...STANDARD, port: grpc ? 4317 : 4318 }
      : parseTarget(text, rules.variable, problems);
  if (target === undefined) return undefined;
  const endpoint = resolveEndpoint(target, rules, problems);

  const shadowed = values.otlpEndpoint.overridden.some(({ variable }) => variable === LEGACY);
  if (shadowed) {
    problems.push(
      problem(
        'ENDPOINT_SHADOWED',
        LEGACY,
        `${LEGACY} is set, but ${rules.variable} wins, so ${LEGACY} and OTLP_API_KEY, which belongs to it, are not used.`,
        `Keep only one of the two; put the key for ${rules.variable} into OTEL_EXPORTER_OTLP_HEADERS.`,
      ),
    );
  }
  const headers = headersOf(values, shadowed);
  return otlpDestination(
    {
      id: 'otlp',
      label: implicit ? 'OTLP (default)' : 'OTLP',
      target,
      endpoint,
      headers,
      compression: values.otlpCompression.value,
      timeoutMs: values.otlpTimeoutMs.value,
      tls: tlsFiles(values, cwd, endpoint.secure, problems),
      implicit,
      variable: rules.variable,
      insecure: values.otlpInsecure.value,
    },
    problems,
  );
}
