/** Tells a person what to change, with the names of the settings that this destination reads. */
import { URL } from 'node:url';
import type { OtlpDestination } from '../../../config/types';

interface OwnSettings {
  /** The setting of its endpoint. It has no setting for the protocol, which follows from the scheme and the port. */
  readonly endpoint: string;
  readonly httpPort: number;
}

/** By id: destinations that do not read the OTEL_EXPORTER_OTLP_ variables for protocol and TLS files. */
const OWN_SETTINGS: Readonly<Record<string, OwnSettings>> = {
  arize: { endpoint: 'ARIZE_COLLECTOR_ENDPOINT', httpPort: 443 },
  jaeger: { endpoint: 'JAEGER_HOST', httpPort: 4318 },
  phoenix: { endpoint: 'PHOENIX_COLLECTOR_ENDPOINT', httpPort: 6006 },
};

/** @returns The port on which the destination takes OTLP over HTTP as a rule. */
export function usualHttpPort({ id }: OtlpDestination): number {
  return OWN_SETTINGS[id]?.httpPort ?? 4318;
}

/** @returns How to use this protocol with the same address, as part of a sentence. */
export function toChoose(protocol: 'grpc' | 'http/protobuf', { id, url }: OtlpDestination): string {
  const own = OWN_SETTINGS[id];
  if (own === undefined) return `set OTEL_EXPORTER_OTLP_PROTOCOL=${protocol}`;
  const { host, protocol: scheme } = new URL(url);
  const plain = protocol === 'grpc' ? 'grpc' : 'http';
  return `write ${own.endpoint}=${plain}${scheme === 'https:' ? 's' : ''}://${host}`;
}

/** @returns How to trust a certificate of an unknown authority, as part of a sentence. */
export function toTrust({ id }: OtlpDestination): string {
  return Object.hasOwn(OWN_SETTINGS, id)
    ? 'name the signing certificate in NODE_EXTRA_CA_CERTS'
    : 'name the signing certificate in OTEL_EXPORTER_OTLP_CERTIFICATE (or NODE_EXTRA_CA_CERTS)';
}

/** @returns How to present a client certificate, as part of a sentence. */
export function toIdentify({ id }: OtlpDestination): string {
  const variables = 'OTEL_EXPORTER_OTLP_CLIENT_KEY and OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE';
  return Object.hasOwn(OWN_SETTINGS, id)
    ? `name it by OTEL_EXPORTER_OTLP_ENDPOINT, for which ${variables} are`
    : `set ${variables}`;
}

/** @returns What to try where the backend does not take the media type or the compression (HTTP 415). */
export function toEncodeOtherwise({ id, compression }: OtlpDestination): string {
  const tries: string[] = [];
  if (compression === 'gzip') tries.push('set OTEL_EXPORTER_OTLP_COMPRESSION=none');
  if (!Object.hasOwn(OWN_SETTINGS, id))
    tries.push('try the other one of OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf and http/json');
  return `it does not take this encoding: ${tries.join(', or ') || 'check that the endpoint takes OTLP traces'}`;
}
