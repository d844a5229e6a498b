/**
 * Jaeger by JAEGER_HOST and JAEGER_PORT. Jaeger v2 takes OTLP on 4317 and 4318; the port says which of the ways in
 * is meant, and ports of other protocols are named instead of being fed bytes they cannot read.
 */
import { resolveEndpoint } from '../endpoint';
import { problem } from '../problem';
import type { Values } from '../settings';
import { parseTarget, type Target } from '../target';
import type { Destination, Problem } from '../types';
import { meaningOfPort } from '../well-known-ports';
import { otlpDestination } from './otlp-destination';

const COMPACT_UDP = 6831;

function uiOf(target: Target): string | undefined {
  // Behind https there is a proxy, and the user interface wherever that puts it.
  return target.scheme === 'https' || target.scheme === 'grpcs' ? undefined : `http://${target.host}:16686`;
}

function portOf(values: Values, target: Target, problems: Problem[]): number | undefined {
  const port = values.jaegerPort.value;
  if (port !== undefined && target.port !== undefined && port !== target.port) {
    problems.push(
      problem(
        'JAEGER_PORT_TWICE',
        'JAEGER_PORT',
        `JAEGER_HOST has port ${target.port} and JAEGER_PORT is ${port}; ${port} is used.`,
        'Take the port out of JAEGER_HOST.',
      ),
    );
  }
  return port ?? target.port ?? (target.scheme === 'https' || target.scheme === 'grpcs' ? 443 : undefined);
}

export function isJaegerConfigured(values: Values): boolean {
  return values.jaegerHost.value !== undefined || values.jaegerPort.value !== undefined;
}

export function jaeger(values: Values, problems: Problem[]): Destination | undefined {
  if (values.jaegerHost.value === undefined) {
    problems.push(
      problem(
        'JAEGER_HOST_DEFAULTED',
        'JAEGER_HOST',
        'JAEGER_PORT is set without JAEGER_HOST, so localhost is used.',
        'Set JAEGER_HOST=localhost to make it plain.',
      ),
    );
  }
  const variable = 'JAEGER_HOST';
  const written = parseTarget(values.jaegerHost.value ?? 'localhost', variable, problems);
  if (written === undefined) return undefined;
  const port = portOf(values, written, problems);
  const portVariable = values.jaegerPort.value === undefined ? 'JAEGER_HOST' : 'JAEGER_PORT';
  const uiUrl = uiOf(written);

  if (port === COMPACT_UDP) {
    problems.push(
      problem(
        'JAEGER_UDP',
        portVariable,
        "Port 6831 is Thrift over UDP, where nobody is told when spans get lost. Jaeger opens it, but Jaeger's container image does not expose it.",
        'Set JAEGER_PORT=4318 to send OTLP over HTTP.',
      ),
    );
    // dgram wants an IPv6 address without the brackets of a URL.
    const host = written.host.startsWith('[') ? written.host.slice(1, -1) : written.host;
    return {
      id: 'jaeger',
      label: 'Jaeger over UDP',
      transport: 'jaeger-udp',
      host,
      port,
      ...(uiUrl && { uiUrl }),
    };
  }
  const meaning = port === undefined ? undefined : meaningOfPort(port);
  if (meaning !== undefined) {
    problems.push(
      problem(
        'JAEGER_PORT_WRONG',
        portVariable,
        `Port ${port} is ${meaning}, which takes nothing that can be sent, so nothing is sent to Jaeger.`,
        'Set JAEGER_PORT=4318 (OTLP over HTTP) or 4317 (gRPC).',
      ),
    );
    return undefined;
  }
  const grpc = written.scheme === 'grpc' || written.scheme === 'grpcs';
  if (port !== undefined && port !== 4317 && port !== 4318 && port !== 443 && !grpc) {
    problems.push(
      problem(
        'JAEGER_PORT_UNUSUAL',
        portVariable,
        `Port ${port} is none of Jaeger's usual ones; OTLP over HTTP is spoken to it.`,
        'If it takes gRPC, write JAEGER_HOST with grpc:// in front. If nothing arrives, set JAEGER_PORT=4318.',
      ),
    );
  }
  const target: Target = { ...written, port: port ?? (grpc ? 4317 : 4318) };
  const endpoint = resolveEndpoint(target, { variable, path: 'complete', lenient: true }, problems);
  return otlpDestination(
    {
      id: 'jaeger',
      label: 'Jaeger',
      target,
      endpoint,
      headers: {},
      compression: values.otlpCompression.value,
      timeoutMs: values.otlpTimeoutMs.value,
      variable,
      insecure: values.otlpInsecure.value,
      uiUrl,
    },
    problems,
  );
}
