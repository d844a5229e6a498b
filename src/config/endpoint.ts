/**
 * From an endpoint as written to the URL and protocol as used.
 * Rules: OpenTelemetry protocol exporter, "Endpoint URLs for OTLP/HTTP" and "Specify Protocol"; the mistakes most
 * often made with them (HTTP spoken to 4317, `/v1/traces` missing or doubled) are put right or named.
 */
import { problem } from './problem';
import type { Target } from './target';
import type { OtlpProtocol, Problem } from './types';
import { meaningOfPort } from './well-known-ports';

export const TRACES_PATH = '/v1/traces';

export interface EndpointRules {
  readonly variable: string;
  /**
   * `append`: always `/v1/traces` at the end (base endpoint). `as-is`: nothing is changed (traces endpoint).
   * `if-empty`: `/v1/traces` unless there is a path. `complete`: as `append`, and known beginnings of it are completed.
   */
  readonly path: 'append' | 'as-is' | 'if-empty' | 'complete';
  /** Set by the user, not a default. */
  readonly protocol?: OtlpProtocol | undefined;
  /** The variable it was set by; undefined for a destination whose scheme and port alone choose the protocol. */
  readonly protocolVariable?: string;
  readonly insecure?: boolean | undefined;
  /** Endpoints without a scheme and a protocol chosen by port are the documented way: no remark. */
  readonly lenient?: boolean;
  /** gRPC unless port or path say HTTP, as OTLP_ENDPOINT always was. */
  readonly grpcByDefault?: boolean;
  /** A public service: without a scheme, it is https. */
  readonly httpsByDefault?: boolean;
  /** Where the destination takes HTTP, and where HTTP goes when neither scheme nor port is written; 4318 if not given. */
  readonly httpPort?: number;
}

export interface Endpoint {
  readonly protocol: OtlpProtocol;
  readonly url: string;
  readonly secure: boolean;
}

const GRPC_PORT = 4317;
const HTTP_PORT = 4318;

/** How HTTP is chosen in place of gRPC: the rest of a sentence. A scheme that says gRPC wins over the setting. */
function toChooseHttp({ scheme }: Target, { variable, protocolVariable }: EndpointRules): string {
  if (protocolVariable !== undefined && scheme !== 'grpc' && scheme !== 'grpcs')
    return `set ${protocolVariable || 'OTEL_EXPORTER_OTLP_PROTOCOL'}=http/protobuf`;
  return `write ${variable} with ${scheme === 'grpcs' ? 'https' : 'http'}:// in front`;
}

function hasPath(target: Target): boolean {
  return target.path !== '' && target.path !== '/';
}

function chooseProtocol(target: Target, rules: EndpointRules, problems: Problem[]): OtlpProtocol {
  const { variable, protocol, protocolVariable } = rules;
  if (target.scheme === 'grpc' || target.scheme === 'grpcs') {
    if (protocol !== undefined && protocol !== 'grpc') {
      problems.push(
        problem(
          'ENDPOINT_PROTOCOL_CONFLICT',
          variable,
          `The scheme of ${variable} says gRPC, but ${protocolVariable} says ${protocol}; gRPC is used.`,
          `Set ${protocolVariable}=grpc, or write ${variable} with http:// or https://.`,
        ),
      );
    }
    return 'grpc';
  }
  if (protocol !== undefined) {
    if (protocol !== 'grpc' && target.port === GRPC_PORT) {
      problems.push(
        problem(
          'ENDPOINT_GRPC_PORT',
          variable,
          `Port 4317 speaks gRPC, but ${protocolVariable} is ${protocol}: requests would end in "Parse Error: Expected HTTP/".`,
          `Use port 4318 in ${variable}, or set ${protocolVariable}=grpc.`,
        ),
      );
    }
    return protocol;
  }
  if (target.port === GRPC_PORT) {
    if (!rules.lenient) {
      problems.push(
        problem(
          'ENDPOINT_GRPC_ASSUMED',
          variable,
          `${variable} has port 4317, the gRPC port, and no protocol is set, so gRPC is used.`,
          'Set OTEL_EXPORTER_OTLP_PROTOCOL=grpc to make it plain, or use port 4318 for HTTP.',
        ),
      );
    }
    return 'grpc';
  }
  if (rules.grpcByDefault && target.port !== HTTP_PORT && !hasPath(target)) return 'grpc';
  return 'http/protobuf';
}

function isSecure(target: Target, rules: EndpointRules, grpc: boolean, problems: Problem[]): boolean {
  if (target.scheme !== '') return target.scheme === 'https' || target.scheme === 'grpcs';
  // Without a scheme the INSECURE setting decides for gRPC (specification, "Insecure"); else port 443 does.
  const told = grpc && rules.insecure !== undefined;
  const secure = told ? rules.insecure === false : target.port === 443 || rules.httpsByDefault === true;
  if (!told && !rules.lenient) {
    const scheme = secure ? 'https' : 'http';
    problems.push(
      problem(
        'ENDPOINT_NO_SCHEME',
        rules.variable,
        `${rules.variable} has no scheme, so ${scheme}:// is assumed.`,
        `Write http:// or https:// in front of it.`,
      ),
    );
  }
  return secure;
}

function choosePort(
  target: Target,
  rules: EndpointRules,
  grpc: boolean,
  secure: boolean,
  problems: Problem[],
): number | undefined {
  if (target.port !== undefined) return target.port;
  if (grpc && (rules.grpcByDefault || target.scheme === 'grpc' || target.scheme === '')) return GRPC_PORT;
  if (target.scheme === '') return secure ? undefined : (rules.httpPort ?? HTTP_PORT);
  if (target.scheme === 'http') {
    problems.push(
      problem(
        'ENDPOINT_NO_PORT',
        rules.variable,
        `${rules.variable} has no port, which for http:// means port 80.`,
        `Add the port: ${rules.httpPort ?? HTTP_PORT} for OTLP/HTTP, 4317 for gRPC, or :80 if it is meant.`,
      ),
    );
  }
  return undefined;
}

function withoutTrailingSlashes(path: string): string {
  let end = path.length;
  while (end > 0 && path.charCodeAt(end - 1) === 0x2f) end--;
  return path.slice(0, end);
}

function httpPath(target: Target, rules: EndpointRules, problems: Problem[]): string {
  const { variable } = rules;
  if (rules.path === 'as-is') {
    if (!hasPath(target)) {
      problems.push(
        problem(
          'ENDPOINT_NO_PATH',
          variable,
          `${variable} is used as it is and has no path, so requests go to /, where receivers rarely listen.`,
          `Add ${TRACES_PATH} to ${variable}, or use OTEL_EXPORTER_OTLP_ENDPOINT, which gets it appended.`,
        ),
      );
    }
    return target.path || '/';
  }
  if (rules.path === 'if-empty') return hasPath(target) ? target.path : TRACES_PATH;
  const base = withoutTrailingSlashes(target.path);
  if (base.endsWith(TRACES_PATH)) {
    if (rules.path === 'append') {
      problems.push(
        problem(
          'ENDPOINT_PATH_DOUBLED',
          variable,
          `${variable} already ends in ${TRACES_PATH}, which belongs to the base endpoint's traces; it is not appended a second time.`,
          `Remove ${TRACES_PATH} from ${variable}, or name the variable OTEL_EXPORTER_OTLP_TRACES_ENDPOINT.`,
        ),
      );
    }
    return base;
  }
  // Arize's own documentation writes its endpoint as https://otlp.arize.com/v1.
  return rules.path === 'complete' && base.endsWith('/v1') ? `${base}/traces` : base + TRACES_PATH;
}

export function resolveEndpoint(target: Target, rules: EndpointRules, problems: Problem[]): Endpoint {
  const { variable } = rules;
  const protocol = chooseProtocol(target, rules, problems);
  const grpc = protocol === 'grpc';
  const secure = isSecure(target, rules, grpc, problems);
  const port = choosePort(target, rules, grpc, secure, problems);
  if (grpc && port === HTTP_PORT) {
    problems.push(
      problem(
        'ENDPOINT_HTTP_PORT',
        variable,
        `Port 4318 speaks HTTP, but gRPC is to be used for ${variable}.`,
        `Use port 4317 in ${variable}, or ${toChooseHttp(target, rules)}.`,
      ),
    );
  }
  const meaning = port === undefined ? undefined : meaningOfPort(port);
  if (meaning !== undefined) {
    problems.push(
      problem(
        'ENDPOINT_PORT_SUSPECT',
        variable,
        `Port ${port} is usually ${meaning}, which takes no OTLP.`,
        `Use port ${rules.httpPort ?? HTTP_PORT} (HTTP) or 4317 (gRPC) in ${variable}.`,
      ),
    );
  }
  const scheme = secure ? 'https' : 'http';
  const usual = secure ? 443 : 80;
  if (grpc) {
    const known = withoutTrailingSlashes(target.path).endsWith(TRACES_PATH);
    if ((hasPath(target) && !known) || target.search !== '') {
      problems.push(
        problem(
          'ENDPOINT_PATH_IGNORED',
          variable,
          `${variable} has a path or a query, which gRPC does not use.`,
          `Remove it, or use HTTP: port ${rules.httpPort ?? HTTP_PORT}, or ${toChooseHttp(target, rules)}.`,
        ),
      );
    }
    return { protocol, secure, url: `${scheme}://${target.host}:${port ?? usual}` };
  }
  const shownPort = port === undefined || port === usual ? '' : `:${port}`;
  return {
    protocol,
    secure,
    url: `${scheme}://${target.host}${shownPort}${httpPath(target, rules, problems)}${target.search}`,
  };
}
