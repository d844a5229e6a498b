/**
 * The object in which hosted instrumentations of frameworks (koa, hapi, connect, express, restify) leave the route for the
 * span of the request. They find it in the context, where the official instrumentation of http puts one for every request
 * (`setRPCMetadata()` of `@opentelemetry/core`). Ours is made when somebody asks for it.
 */
import type { Span } from '@opentelemetry/api';
import { RecordingSpan } from './span';
import { KIND_SERVER } from './span-kind';

/** The key of `@opentelemetry/core`; the API makes keys with `Symbol.for(description)`. */
export const RPC_METADATA_KEY = Symbol.for('OpenTelemetry SDK Context Key RPC_METADATA');

/** As `@opentelemetry/core` has it. */
interface RpcMetadata {
  readonly type: 'http';
  readonly span: Span;
  route?: unknown;
}

const byRequest = new WeakMap<RecordingSpan, RpcMetadata>();
/** Programs without such instrumentations pay one comparison per request. */
let hasAny = false;

/**
 * @param span the active one
 * @returns the object of the incoming request that it belongs to; undefined outside of a recorded request
 */
export function rpcMetadataOf(span: Span | undefined): RpcMetadata | undefined {
  const request = span instanceof RecordingSpan ? span.local.root : undefined;
  if (request === undefined || request.kind !== KIND_SERVER) return undefined;
  let metadata = byRequest.get(request);
  if (metadata === undefined) {
    metadata = { type: 'http', span: request };
    byRequest.set(request, metadata);
    hasAny = true;
  }
  return metadata;
}

/**
 * @param request the span of an incoming request
 * @returns the route that a hosted instrumentation left for it, or ''
 */
export function routeLeftFor(request: RecordingSpan): string {
  const route = hasAny ? byRequest.get(request)?.route : undefined;
  return typeof route === 'string' ? route : '';
}
