/** Explains errors of connections, so that a person knows what to change. Used by HTTP and gRPC. */
import { URL } from 'node:url';
import type { OtlpDestination } from '../../../config/types';
import { displayUrl, withoutSecrets } from '../../delivery/describe';
import type { SendResult } from '../../types';
import { toChoose, toIdentify, toTrust, usualHttpPort } from './advice';

type Failure = Extract<SendResult, { outcome: 'retry' | 'refused' }>;

interface Explanation {
  readonly reason: string;
  readonly fix: string;
  /** Whether it is a mistake in the settings, so that another attempt would fail as well. */
  readonly hopeless?: boolean;
}

const CERTIFICATE_CODES = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

/** @returns Whether to try again, and the error in words. */
export function networkFailure(error: unknown, destination: OtlpDestination): Failure {
  const code = codeOf(error);
  const { reason, fix, hopeless } = explain(error, code, destination);
  const status = code === '' ? 'error' : code;
  return hopeless ? { outcome: 'refused', reason, fix, status } : { outcome: 'retry', reason, fix, status };
}

/** @param timeoutMs The limit that was exceeded, in milliseconds. */
export function timeoutFailure(timeoutMs: number): Failure {
  return {
    outcome: 'retry',
    status: 'timeout',
    reason: `no answer within ${Math.round(timeoutMs)} ms`,
    fix: 'check that the backend is up and not overloaded; OTEL_EXPORTER_OTLP_TIMEOUT sets the limit',
  };
}

/** Node tries all addresses of a name. Then it throws one AggregateError with the code and without a message. */
function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : '';
}

function explain(error: unknown, code: string, destination: OtlpDestination): Explanation {
  const url = new URL(destination.url);
  const { hostname } = url;
  if (code.startsWith('HPE_')) return notHttp(url, destination);
  if (code.startsWith('ERR_HTTP2') || code.startsWith('ERR_NGHTTP2'))
    return notHttp2(messageOf(error, destination), url, destination);
  if (CERTIFICATE_CODES.has(code)) {
    return {
      reason: `the certificate of ${hostname} is not signed by anyone this process trusts (${code})`,
      fix: toTrust(destination),
    };
  }
  switch (code) {
    case 'ECONNREFUSED':
      return {
        reason: `nobody listens on ${url.host} (${code})`,
        fix: 'start the backend, or correct host and port of the endpoint',
      };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        reason: `the host name ${hostname} cannot be resolved (${code})`,
        fix: 'check the host of the endpoint, and DNS',
      };
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return {
        reason: `${url.host} cannot be reached (${code})`,
        fix: 'check the network between here and the backend',
      };
    case 'ECONNRESET':
    case 'EPIPE':
      return {
        reason: `${url.host} closed the connection before it answered (${code})`,
        fix: 'if it goes on, check that the port speaks this protocol, and the limits of proxies in between',
      };
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return {
        reason: `the certificate of ${hostname} is for another host (${code})`,
        fix: 'use the host name that the certificate is for',
      };
    case 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED':
    case 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE':
    case 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA':
      return {
        reason: `${url.host} wants a client certificate that it trusts (${code})`,
        fix: toIdentify(destination),
      };
    case 'CERT_HAS_EXPIRED':
      return { reason: `the certificate of ${hostname} has expired`, fix: 'renew it on the backend' };
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
      return {
        reason: `${url.host} does not speak TLS as this process does (${code})`,
        fix: 'use http:// in the endpoint if the backend speaks without TLS; otherwise compare the TLS versions of both',
        hopeless: true,
      };
    case 'ENOENT':
    case 'EACCES':
    case 'EISDIR':
      return {
        reason: `a certificate or key file cannot be read (${messageOf(error, destination)})`,
        fix: 'correct OTEL_EXPORTER_OTLP_CERTIFICATE, _CLIENT_KEY or _CLIENT_CERTIFICATE',
        hopeless: true,
      };
    case 'ERR_INVALID_CHAR':
    case 'ERR_INVALID_HTTP_TOKEN':
      return {
        reason: `a header for ${displayUrl(destination.url)} has a character that headers cannot have`,
        fix: 'percent-encode the value in OTEL_EXPORTER_OTLP_HEADERS, and look for line ends in the key',
        hopeless: true,
      };
    default:
      return {
        reason: messageOf(error, destination) || code || 'unknown error',
        fix: 'check the endpoint and the network',
      };
  }
}

/** What answers does not speak HTTP/1.1. As a rule it is the gRPC port of a backend. */
function notHttp(url: URL, destination: OtlpDestination): Explanation {
  const reason = `${url.host} answers, but not in HTTP/1.1`;
  if (url.port === '4317') {
    return {
      reason: `${reason}: 4317 is the gRPC port`,
      fix: `use port ${usualHttpPort(destination)}, or ${toChoose('grpc', destination)}`,
      hopeless: true,
    };
  }
  return {
    reason,
    fix: `use the OTLP/HTTP port (${usualHttpPort(destination)} as a rule), or ${toChoose('grpc', destination)}`,
    hopeless: true,
  };
}

function notHttp2(text: string, url: URL, destination: OtlpDestination): Explanation {
  if (!text.toLowerCase().includes('protocol error') && !text.includes('NGHTTP2_PROTOCOL_ERROR')) {
    return {
      reason: `the HTTP/2 connection to ${url.host} broke (${text})`,
      fix: 'check the backend and proxies in between',
    };
  }
  const reason = `${url.host} answers, but not in HTTP/2, which gRPC needs`;
  if (url.port === '4318') {
    return {
      reason: `${reason}: 4318 is the OTLP/HTTP port`,
      fix: `use port 4317, or ${toChoose('http/protobuf', destination)}`,
      hopeless: true,
    };
  }
  return {
    reason,
    fix: `use the gRPC port (4317 as a rule), or ${toChoose('http/protobuf', destination)}`,
    hopeless: true,
  };
}

function messageOf(error: unknown, destination: OtlpDestination): string {
  return withoutSecrets(error instanceof Error ? error.message : String(error), destination);
}
